/* A kubeconfig of the fixed form that tools read most easily: one cluster, one user, everything inline. */
#include "kubeconfig.h"

#include "../config/tree.h"
#include "../render/yaml.h"

static const struct node *first(const struct node *root, struct str list, struct str key)
{
	const struct node *items = node_get(root, list);
	return items && items->kind == NODE_LIST && items->child ? node_get(items->child, key) : NULL;
}

static unsigned port_of(struct str server)
{
	unsigned port = 0, factor = 1;
	for (size_t i = server.n; i > 0 && server.p[i - 1] >= '0' && server.p[i - 1] <= '9' && factor <= 10000; i--, factor *= 10)
		port += (unsigned)(server.p[i - 1] - '0') * factor;
	return port;
}

bool kubeconfig_of(struct arena *arena, struct str kind, struct str name, struct kubeconfig *out)
{
	struct diags diags = {.arena = arena};
	struct sources sources = {0};
	const struct source source = {.name = S("kubeconfig"), .text = kind};
	const struct node *root = tree_parse(arena, &diags, &sources, sources_add(arena, &sources, &source));
	const struct node *cluster = first(root, S("clusters"), S("cluster")), *user = first(root, S("users"), S("user"));
	struct str server = node_text(node_get(cluster, S("server")));
	struct str ca = node_text(node_get(cluster, S("certificate-authority-data")));
	struct str certificate = node_text(node_get(user, S("client-certificate-data")));
	struct str key = node_text(node_get(user, S("client-key-data")));
	out->port = port_of(server);
	out->certificate = certificate;
	if (!out->port || !ca.n || !certificate.n || !key.n)
		return false;
	struct buf text = buf_memory();
	BUF_LIT(&text, "apiVersion: v1\nkind: Config\nclusters:\n- name: ");
	yaml_text(&text, name);
	BUF_LIT(&text, "\n  cluster:\n");
	yaml_pair(&text, 4, S("server"), arena_fmt(arena, "https://127.0.0.1:%u", out->port));
	yaml_pair(&text, 4, S("certificate-authority-data"), ca);
	BUF_LIT(&text, "users:\n- name: ");
	yaml_text(&text, name);
	BUF_LIT(&text, "\n  user:\n");
	yaml_pair(&text, 4, S("client-certificate-data"), certificate);
	yaml_pair(&text, 4, S("client-key-data"), key);
	BUF_LIT(&text, "contexts:\n- name: ");
	yaml_text(&text, name);
	BUF_LIT(&text, "\n  context:\n");
	yaml_pair(&text, 4, S("cluster"), name);
	yaml_pair(&text, 4, S("user"), name);
	yaml_pair(&text, 0, S("current-context"), name);
	out->text = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return true;
}

/* daemon.json: members are put in front of the rendered ones, whose text stays as it is. */
#include "daemon_json.h"

#include "../config/tree.h"
#include "../render/yaml.h"

static void put_text(struct buf *out, const char *key, struct str text, bool last)
{
	buf_fmt(out, "\"%s\": ", key);
	yaml_quoted(out, text);
	if (!last)
		BUF_LIT(out, ", ");
}

/* Docker 23 and later: dockerd's own, for pulls. */
static void put_proxies(struct buf *out, const struct pod_config *config)
{
	if (!config->proxy_http.n && !config->proxy_https.n)
		return;
	BUF_LIT(out, "\n  \"proxies\": {");
	if (config->proxy_http.n)
		put_text(out, "http-proxy", config->proxy_http, false);
	if (config->proxy_https.n)
		put_text(out, "https-proxy", config->proxy_https, false);
	put_text(out, "no-proxy", config->no_proxy, true);
	BUF_LIT(out, "},");
}

struct str daemon_json(struct arena *arena, struct str rendered, const struct pod_config *config, struct daemon_facts facts)
{
	struct diags diags = {.arena = arena};
	struct sources sources = {0};
	const struct source source = {.name = S("daemon.json"), .text = rendered};
	const struct node *root = tree_parse(arena, &diags, &sources, sources_add(arena, &sources, &source));
	rendered = str_trim(rendered);
	if (!root || root->kind != NODE_MAP || root->n == 0 || !str_starts(rendered, S("{")))
		return (struct str){0};
	struct buf out = buf_memory();
	BUF_LIT(&out, "{");
	if (facts.mtu && !node_get(root, S("mtu")))
		buf_fmt(&out, "\n  \"mtu\": %u,", facts.mtu);
	/* With nftables, the node's entrypoint would not find dockerd's DNS rules, which it rewrites. */
	if (facts.major >= 29 && !node_get(root, S("firewall-backend")))
		BUF_LIT(&out, "\n  \"firewall-backend\": \"iptables\",");
	if (!node_get(root, S("proxies")))
		put_proxies(&out, config);
	buf_add(&out, str_from(rendered, 1));
	buf_char(&out, '\n');
	struct str text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

int daemon_major(struct str text)
{
	size_t i = 0;
	int major = 0;
	while (i < text.n && (text.p[i] < '0' || text.p[i] > '9'))
		i++;
	for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && major < 1000; i++)
		major = major * 10 + (text.p[i] - '0');
	return major;
}

/* Registries: mirrors, CAs and credentials. A CA is a path in hosts.toml, so it is copied to where nodes see it. */
#include "registry.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../config/tree.h"
#include "../render/yaml.h"

#define NODE_CERTS "/etc/containerd/certs.d"

static struct str server_of(struct arena *arena, const struct pod_registry *registry)
{
	if (str_eq(registry->host, S("docker.io")))
		return S("https://" DOCKER_HUB);
	return arena_fmt(arena, "%s://%.*s", registry->insecure ? "http" : "https", STR(registry->host));
}

static void put_host(struct buf *out, const struct pod_registry *registry, struct str url)
{
	BUF_LIT(out, "\n[host.");
	yaml_quoted(out, url);
	BUF_LIT(out, "]\n  capabilities = [\"pull\", \"resolve\"]\n");
	if (registry->ca.n)
		buf_fmt(out, "  ca = \"" NODE_CERTS "/%.*s/ca.crt\"\n", STR(registry->host));
	if (registry->insecure)
		BUF_LIT(out, "  skip_verify = true\n");
}

struct str registry_hosts(struct arena *arena, const struct pod_registry *registry)
{
	struct buf out = buf_memory();
	struct str server = server_of(arena, registry);
	BUF_LIT(&out, "server = ");
	yaml_quoted(&out, server);
	buf_char(&out, '\n');
	for (size_t i = 0; i < registry->mirrors.count; i++)
		put_host(&out, registry, registry->mirrors.items[i]);
	put_host(&out, registry, server);
	struct str text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

static void put_json(struct buf *out, const struct node *node)
{
	const char *before = "";
	if (node->kind == NODE_SCALAR) {
		if (node->plain)
			buf_add(out, node_text(node));
		else
			yaml_quoted(out, node_text(node));
		return;
	}
	buf_char(out, node->kind == NODE_MAP ? '{' : '[');
	for (const struct node *n = node->child; n; n = n->next) {
		buf_add(out, str_of(before));
		before = ",";
		if (node->kind == NODE_MAP) {
			yaml_quoted(out, node_text(n));
			buf_char(out, ':');
			n = n->next;
		}
		put_json(out, n);
	}
	buf_char(out, node->kind == NODE_MAP ? '}' : ']');
}

bool registry_auths(struct arena *arena, const struct str *files, size_t count, struct str *out, size_t *bad)
{
	struct buf text = buf_memory();
	bool good = true;
	BUF_LIT(&text, "{\"auths\":{");
	size_t start = text.n;
	for (size_t i = 0; i < count && good; i++) {
		struct diags diags = {.arena = arena};
		struct sources sources = {0};
		const struct source source = {.name = S("config.json"), .text = files[i]};
		const struct node *auths =
			node_get(tree_parse(arena, &diags, &sources, sources_add(arena, &sources, &source)), S("auths"));
		good = auths && auths->kind == NODE_MAP;
		*bad = i;
		for (const struct node *key = good ? auths->child : NULL; key; key = key->next->next) {
			if (text.n > start)
				buf_char(&text, ',');
			yaml_quoted(&text, node_text(key));
			buf_char(&text, ':');
			put_json(&text, key->next);
		}
	}
	BUF_LIT(&text, "}}\n");
	*out = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return good;
}

static bool put(struct arena *arena, const char *path, struct str text, struct str *why)
{
	bool good = file_put(path, text, false);
	if (!good)
		*why = arena_fmt(arena, "%s cannot be written: %s", path, strerror(errno));
	return good;
}

static bool get(struct arena *arena, struct str path, struct str *text, struct str *why)
{
	bool good = file_get(arena, arena_fmt(arena, "%.*s", STR(path)).p, text);
	if (!good)
		*why = arena_fmt(arena, "%.*s cannot be read: %s; it is in the Secret that `registries` names", STR(path), strerror(errno));
	return good;
}

static bool put_certs(struct arena *arena, const char *certs, const struct pod_registry *registry, struct str *why)
{
	const char *directory = path_in(arena, certs, arena_fmt(arena, "%.*s", STR(registry->host)).p);
	struct str ca = {0};
	if (!directory_make(directory)) {
		*why = arena_fmt(arena, "%s cannot be made: %s", directory, strerror(errno));
		return false;
	}
	if (registry->ca.n && (!get(arena, registry->ca, &ca, why) || !put(arena, path_in(arena, directory, "ca.crt"), ca, why)))
		return false;
	return put(arena, path_in(arena, directory, "hosts.toml"), registry_hosts(arena, registry), why);
}

bool registry_files(struct arena *arena, const struct place_names *places, const struct pod_config *config, struct str *why)
{
	const char *certs = path_in(arena, places->run, "certs.d"), *directory = path_in(arena, places->run, "registry");
	struct str *files = NEW_ARRAY(arena, struct str, config->registry_count + 1), auths;
	const struct pod_registry **of = NEW_ARRAY(arena, const struct pod_registry *, config->registry_count + 1);
	size_t count = 0, bad = 0;
	for (size_t i = 0; i < config->registry_count; i++) {
		const struct pod_registry *registry = &config->registries[i];
		if (!put_certs(arena, certs, registry, why))
			return false;
		if (!registry->auth.n)
			continue;
		of[count] = registry;
		if (!get(arena, registry->auth, &files[count++], why))
			return false;
	}
	if (count == 0)
		return true;
	if (!registry_auths(arena, files, count, &auths, &bad)) {
		*why = arena_fmt(arena, "%.*s is no JSON with \"auths\": its Secret must be of type kubernetes.io/dockerconfigjson",
				 STR(of[bad]->auth));
		return false;
	}
	return directory_make(directory) && put(arena, path_in(arena, directory, "config.json"), auths, why);
}

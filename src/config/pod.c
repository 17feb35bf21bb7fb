/* kdk.yaml → struct pod_config.
 *
 * libcyaml loads the text by the schemas below into plain C, the structs of `file_`; those become the
 * config. Booleans are strict enumerations here, as libcyaml takes any word for true, and numbers are texts,
 * as it reads 010 as 8. What libcyaml says of a failure, it says in lines of log: the first one is the
 * message, the first "line: , column:" the place, which may be that of the value before.
 */
#include "pod.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>

#include "../base/buf.h"
#include "../base/die.h"

struct file_list {
	char **items;
	unsigned items_count;
};

struct file_registry {
	char *host, *ca, *auth;
	struct file_list mirrors;
	bool insecure;
};

struct file_ranges {
	struct file_list pods, services, docker, kind_network;
};

struct file_parent {
	char *name, *domain;
	bool nearest;
	struct file_list pods, services, nodes, dns, external;
};

struct file_proxy {
	char *http, *https, *no_proxy;
};

struct file {
	char *version, *cluster, *namespace, *secret, *api_port, *workers, *node_image, *dns_domain, *mtu;
	enum ip_family family;
	enum preflight_mode preflight;
	enum on_change on_change;
	bool persistent;
	struct file_ranges ranges;
	struct file_registry *registries;
	unsigned registries_count;
	struct file_list manifests;
	struct file_proxy *proxy;
	struct file_parent *parents;
	unsigned parents_count;
};

enum { LONGEST = 64 * 1024 };
static const cyaml_schema_value_t text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, LONGEST)};

static const cyaml_strval_t bools[] = {{"false", false}, {"true", true}};
static const cyaml_strval_t families[] = {{"ipv4", FAMILY_IPV4}, {"ipv6", FAMILY_IPV6}, {"dual", FAMILY_DUAL}};
static const cyaml_strval_t preflights[] = {
	{"enforce", PREFLIGHT_ENFORCE}, {"warn", PREFLIGHT_WARN}, {"off", PREFLIGHT_OFF}};
static const cyaml_strval_t changes[] = {{"keep", CHANGE_KEEP}, {"fail", CHANGE_FAIL}, {"recreate", CHANGE_RECREATE}};

#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct type, member, 1, LONGEST)
#define OPTIONAL_TEXT(key, type, member)                                                                               \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, member, 1, LONGEST)
#define LIST(key, type, member)                                                                                        \
	CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, struct type, member.items, member.items_count,             \
				   &text_schema, 0, CYAML_UNLIMITED)
#define ENUM(key, type, member, words)                                                                                 \
	CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, struct type, member, words, CYAML_ARRAY_LEN(words))

static const cyaml_schema_field_t registry_fields[] = {
	TEXT("host", file_registry, host),
	CYAML_FIELD_SEQUENCE_COUNT("mirrors", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_registry,
				   mirrors.items, mirrors.items_count, &text_schema, 0, CYAML_UNLIMITED),
	OPTIONAL_TEXT("ca", file_registry, ca),
	OPTIONAL_TEXT("auth", file_registry, auth),
	ENUM("insecure", file_registry, insecure, bools),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t registry_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_registry, registry_fields)};

static const cyaml_schema_field_t ranges_fields[] = {
	LIST("pods", file_ranges, pods),
	LIST("services", file_ranges, services),
	LIST("docker", file_ranges, docker),
	LIST("kindNetwork", file_ranges, kind_network),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t parent_fields[] = {
	TEXT("name", file_parent, name),
	ENUM("nearest", file_parent, nearest, bools),
	TEXT("dnsDomain", file_parent, domain),
	LIST("pods", file_parent, pods),
	LIST("services", file_parent, services),
	LIST("nodes", file_parent, nodes),
	LIST("dns", file_parent, dns),
	LIST("external", file_parent, external),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t parent_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_parent, parent_fields)};

static const cyaml_schema_field_t proxy_fields[] = {
	OPTIONAL_TEXT("http", file_proxy, http),
	OPTIONAL_TEXT("https", file_proxy, https),
	TEXT("noProxy", file_proxy, no_proxy),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t fields[] = {
	TEXT("version", file, version),
	TEXT("cluster", file, cluster),
	TEXT("namespace", file, namespace),
	TEXT("secret", file, secret),
	TEXT("apiPort", file, api_port),
	TEXT("workers", file, workers),
	TEXT("nodeImage", file, node_image),
	TEXT("dnsDomain", file, dns_domain),
	ENUM("ipFamily", file, family, families),
	TEXT("mtu", file, mtu),
	ENUM("preflight", file, preflight, preflights),
	ENUM("onChange", file, on_change, changes),
	ENUM("persistent", file, persistent, bools),
	CYAML_FIELD_MAPPING("ranges", CYAML_FLAG_DEFAULT, struct file, ranges, ranges_fields),
	CYAML_FIELD_SEQUENCE("registries", CYAML_FLAG_POINTER, struct file, registries, &registry_schema, 0,
			     CYAML_UNLIMITED),
	LIST("manifests", file, manifests),
	CYAML_FIELD_MAPPING_PTR("proxy", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file, proxy, proxy_fields),
	CYAML_FIELD_SEQUENCE("parents", CYAML_FLAG_POINTER, struct file, parents, &parent_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, fields)};

/* --- libcyaml's memory and failures --- */

/* libcyaml enlarges a list by one item at a time, and does not say how large it was: the capacity stands
 * in front, and doubles. */
struct block {
	size_t capacity;
	_Alignas(max_align_t) char bytes[];
};

static void *give_memory(void *arena, void *old, size_t size)
{
	if (size == 0)
		return NULL; /* the arena gives all back at once */
	struct block *block = old ? (struct block *)(void *)((char *)old - offsetof(struct block, bytes)) : NULL;
	if (block && size <= block->capacity)
		return old;
	size_t capacity = 16;
	while (capacity < size)
		capacity *= 2;
	struct block *grown = arena_alloc(arena, 1, sizeof *grown + capacity);
	grown->capacity = capacity;
	if (block)
		memcpy(grown->bytes, block->bytes, block->capacity);
	return grown->bytes;
}

struct complaint {
	struct arena *arena;
	struct str message;
	uint32_t line, column;
};

static bool find_number(struct str line, struct str name, uint32_t *out)
{
	for (size_t i = 0; i + name.n <= line.n; i++) {
		if (!str_starts(str_from(line, i), name))
			continue;
		*out = 0;
		for (size_t at = i + name.n; at < line.n && line.p[at] >= '0' && line.p[at] <= '9' && *out < 1000000;
		     at++)
			*out = *out * 10 + (uint32_t)(line.p[at] - '0');
		return true;
	}
	return false;
}

static void __attribute__((format(printf, 3, 0)))
hear(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	struct complaint *complaint = context;
	char text[512];
	if (level < CYAML_LOG_ERROR)
		return;
	int n = vsnprintf(text, sizeof text, format, arguments);
	struct str line = str_trim((struct str){text, n < 0                   ? 0 :
						      (size_t)n < sizeof text ? (size_t)n :
										sizeof text - 1});
	struct str prefix = S("Load: ");
	if (str_starts(line, prefix))
		line = str_from(line, prefix.n);
	uint32_t found;
	if (!complaint->line && find_number(line, S("line: "), &found)) {
		complaint->line = found;
		if (find_number(line, S("column: "), &found))
			complaint->column = found;
	} else if (!complaint->message.n && !str_starts(line, S("Backtrace"))) {
		complaint->message = arena_str(complaint->arena, line);
	}
}

static enum rule rule_of(cyaml_err_t error)
{
	if (error == CYAML_ERR_LIBYAML_PARSER)
		return RULE_YAML_SYNTAX;
	if (error == CYAML_ERR_INVALID_KEY)
		return RULE_KEY_UNKNOWN;
	if (error == CYAML_ERR_MAPPING_FIELD_MISSING)
		return RULE_KEY_MISSING;
	if (error == CYAML_ERR_ALIAS)
		return RULE_YAML_UNSUPPORTED;
	return RULE_VALUE_INVALID;
}

static const char help[] = "kdk-render writes this file: render it again, with the kdk-render of this image's version";

static const struct file *read_file(struct arena *arena, struct diags *diags, const struct source *source)
{
	struct complaint complaint = {.arena = arena};
	cyaml_config_t config = {.log_fn = hear,
				 .log_ctx = &complaint,
				 .log_level = CYAML_LOG_ERROR,
				 .mem_fn = give_memory,
				 .mem_ctx = arena,
				 .flags = CYAML_CFG_NO_ALIAS};
	void *file = NULL;
	cyaml_err_t error = cyaml_load_data((const uint8_t *)(source->text.n ? source->text.p : ""), source->text.n,
					    &config, &schema, &file, NULL);
	if (error == CYAML_ERR_OOM)
		die("out of memory");
	if (error == CYAML_OK && file)
		return file;
	/* An empty document is no error to libcyaml. */
	struct place place = {
		.source = source, .line = complaint.line, .column = complaint.column, .width = complaint.line ? 1 : 0};
	struct str message = complaint.message.n ? complaint.message :
			     error               ? str_of(cyaml_strerror(error)) :
						   S("it holds nothing");
	enum rule rule = error ? rule_of(error) : RULE_FILE_EMPTY;
	diag_help(diags, diag_add(diags, rule, place, "this is no configuration of kdk-pod: %.*s", STR(message)), "%s",
		  help);
	return NULL;
}

/* --- plain C to config --- */

struct loader {
	struct arena *arena;
	struct diags *diags;
	const struct source *source;
};

static void refuse(struct loader *l, struct str path, struct str value, const char *wanted)
{
	struct diag *d = diag_add(l->diags, RULE_VALUE_INVALID, (struct place){.source = l->source, .path = path},
				  "'%.*s' is not %s", STR(value), wanted);
	diag_help(l->diags, d, "%s", help);
}

static struct str text(const char *file_text)
{
	return str_of(file_text);
}

static unsigned number(struct loader *l, const char *key, const char *value, unsigned least, unsigned most)
{
	struct str digits = text(value);
	unsigned result = 0;
	bool good = digits.n > 0 && (digits.n == 1 || digits.p[0] != '0');
	for (size_t i = 0; good && i < digits.n; i++) {
		good = digits.p[i] >= '0' && digits.p[i] <= '9' && result <= most;
		result = result * 10 + (unsigned)(digits.p[i] - '0');
	}
	if (good && result >= least && result <= most)
		return result;
	refuse(l, str_of(key), digits, arena_fmt(l->arena, "a number from %u to %u", least, most).p);
	return least;
}

static struct str_list texts(struct loader *l, const struct file_list *list)
{
	struct str_list out = {NEW_ARRAY(l->arena, struct str, list->items_count), list->items_count};
	for (size_t i = 0; i < out.count; i++)
		out.items[i] = text(list->items[i]);
	return out;
}

/* An address is a range of its own. */
static struct cidr_list ranges(struct loader *l, const char *path, const char *key, const struct file_list *list)
{
	struct cidr_list out = {NEW_ARRAY(l->arena, struct cidr, list->items_count), 0};
	for (size_t i = 0; i < list->items_count; i++) {
		struct str range = text(list->items[i]);
		struct addr addr;
		if (addr_parse(range, &addr))
			out.items[out.count++] = cidr_of(addr, ADDR_BITS);
		else if (cidr_parse(range, &out.items[out.count]) == CIDR_OK)
			out.count++;
		else
			refuse(l, arena_fmt(l->arena, "%s.%s[%zu]", path, key, i), range, "an address range");
	}
	return out;
}

/* One range of each family that the cluster has. */
static void check_families(struct loader *l, const struct pod_config *config)
{
	const struct {
		const char *path;
		const struct cidr_list *list;
		bool docker;
	} rows[] = {{"ranges.pods", &config->pods, false},
		    {"ranges.services", &config->services, false},
		    {"ranges.docker", &config->docker, true},
		    {"ranges.kindNetwork", &config->kind_network, true}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t v4 = 0, v6 = 0;
		for (size_t k = 0; k < rows[i].list->count; k++)
			cidr_is_v4(rows[i].list->items[k]) ? v4++ : v6++;
		bool needs_v4 = config->family != FAMILY_IPV6 || rows[i].docker,
		     needs_v6 = config->family != FAMILY_IPV4;
		if (v4 != needs_v4 || v6 != needs_v6)
			refuse(l, str_of(rows[i].path), arena_fmt(l->arena, "%zu IPv4 and %zu IPv6 ranges", v4, v6),
			       "one range of each family that ipFamily asks for");
	}
}

static void load_registries(struct loader *l, struct pod_config *config, const struct file *file)
{
	config->registry_count = file->registries_count;
	config->registries = NEW_ARRAY(l->arena, struct pod_registry, config->registry_count);
	for (size_t i = 0; i < config->registry_count; i++) {
		const struct file_registry *r = &file->registries[i];
		config->registries[i] = (struct pod_registry){.host = text(r->host),
							      .mirrors = texts(l, &r->mirrors),
							      .ca = text(r->ca),
							      .auth = text(r->auth),
							      .insecure = r->insecure};
	}
}

static void load_parents(struct loader *l, struct pod_config *config, const struct file *file)
{
	config->parent_count = file->parents_count;
	config->parents = NEW_ARRAY(l->arena, struct pod_parent, config->parent_count);
	for (size_t i = 0; i < config->parent_count; i++) {
		const struct file_parent *p = &file->parents[i];
		const char *path = arena_fmt(l->arena, "parents[%zu]", i).p;
		config->parents[i] = (struct pod_parent){
			.name = text(p->name),
			.domain = text(p->domain),
			.nearest = p->nearest,
			.pods = ranges(l, path, "pods", &p->pods),
			.services = ranges(l, path, "services", &p->services),
			.nodes = ranges(l, path, "nodes", &p->nodes),
			.dns = ranges(l, path, "dns", &p->dns),
			.external = ranges(l, path, "external", &p->external),
		};
	}
}

const struct pod_config *pod_config_load(struct arena *arena, struct diags *diags, const struct source *source)
{
	struct loader l = {arena, diags, source};
	const struct file *file = read_file(arena, diags, source);
	if (!file)
		return NULL;
	size_t errors = diags->of_level[LEVEL_ERROR];
	struct pod_config *config = NEW(arena, struct pod_config);
	*config = (struct pod_config){
		.cluster = text(file->cluster),
		.namespace = text(file->namespace),
		.secret = text(file->secret),
		.api_port = (uint16_t)number(&l, "apiPort", file->api_port, 1, 65535),
		.workers = number(&l, "workers", file->workers, 0, 7),
		.node_image = text(file->node_image),
		.dns_domain = text(file->dns_domain),
		.family = file->family,
		.preflight = file->preflight,
		.on_change = file->on_change,
		.persistent = file->persistent,
		.pods = ranges(&l, "ranges", "pods", &file->ranges.pods),
		.services = ranges(&l, "ranges", "services", &file->ranges.services),
		.docker = ranges(&l, "ranges", "docker", &file->ranges.docker),
		.kind_network = ranges(&l, "ranges", "kindNetwork", &file->ranges.kind_network),
		.manifests = texts(&l, &file->manifests),
	};
	number(&l, "version", file->version, 1, 1);
	if (!str_eq(text(file->mtu), S("auto")))
		config->mtu = number(&l, "mtu", file->mtu, 1280, 9000);
	if (file->proxy) {
		config->proxy_http = text(file->proxy->http);
		config->proxy_https = text(file->proxy->https);
		config->no_proxy = text(file->proxy->no_proxy);
	}
	load_registries(&l, config, file);
	load_parents(&l, config, file);
	if (diags->of_level[LEVEL_ERROR] == errors)
		check_families(&l, config);
	return diags->of_level[LEVEL_ERROR] == errors ? config : NULL;
}

/* Checked trees → structs, by the same tables that checked them.
 *
 * Settings are laid over each other: built-in, `defaults`, the cluster's own. A
 * cluster that gives no setting shares the defaults' struct, so a hundred thousand
 * plain clusters cost one, and whoever renders can tell by the pointer.
 */
#include "load.h"

#include "../base/die.h"
#include "../base/map.h"
#include "merge.h"
#include "shape.h"

#include <stdlib.h>

static const struct node *parse_builtin(struct check *check, struct str yaml)
{
	struct source *source = NEW(check->arena, struct source);
	*source = (struct source){.name = S("built-in"), .text = yaml};
	uint16_t id = sources_add(check->arena, check->sources, source);
	return tree_parse(check->arena, check->diags, check->sources, id);
}

/* extraObjects are other people's: a null in them is theirs. */
static bool is_foreign(const struct type *type)
{
	for (; type; type = type->of)
		if (type->kind == TYPE_ANY)
			return true;
	return false;
}

static void set_member(struct check *check, const struct field *field, char *member, const struct node *value)
{
	switch (field->member) {
	case MEMBER_BOOL:
		*(bool *)member = str_eq(node_text(value), S("true"));
		break;
	case MEMBER_INT:
		parse_integer(node_text(value), (int64_t *)(void *)member);
		break;
	case MEMBER_TEXT:
		if (value->n || field->builtin.n == 0)
			*(struct str *)(void *)member = node_text(value);
		break;
	case MEMBER_NODE: {
		const struct node **node = (const struct node **)(void *)member;
		if (!is_foreign(field->type))
			value = node_without_nulls(check->arena, value);
		/* In order of keys: that is how Helm hands maps on, and no order of theirs means anything. */
		*node = field->type->kind == TYPE_DICT ?
				node_sorted(check->arena, node_merge(check->arena, *node, value, MERGE_NULL_SKIPPED)) :
				value;
		break;
	}
	case MEMBER_NEST:
		BUG("a nested map is not one member");
	}
}

/* Lays what MAP gives of OBJECT's own keys over the struct at BASE. */
static void overlay(struct check *check, const struct object *object, char *base, const struct node *map)
{
	if (node_is_null(map))
		return;
	for (const struct node *key = map->child; key; key = key->next->next) {
		if (node_is_null(key->next))
			continue;
		for (size_t i = 0; i < object->count; i++) {
			const struct field *field = &object->fields[i];
			if (!str_eq(field->key, node_text(key)))
				continue;
			if (field->member == MEMBER_NEST)
				overlay(check, field->type->object, base + field->offset, key->next);
			else
				set_member(check, field, base + field->offset, key->next);
			break;
		}
	}
}

static void set_builtins(struct check *check, const struct object *object, char *base)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct field *field = &object->fields[i];
		char *member = base + field->offset;
		if (field->member == MEMBER_NEST)
			set_builtins(check, field->type->object, member);
		else if (field->member == MEMBER_TEXT)
			*(struct str *)(void *)member = field->builtin;
		else if (field->member == MEMBER_BOOL)
			*(bool *)member = str_eq(field->builtin, S("true"));
		else if (field->member == MEMBER_INT)
			parse_integer(field->builtin, (int64_t *)(void *)member);
		else if (field->builtin.n)
			*(const struct node **)(void *)member = parse_builtin(check, field->builtin);
	}
}

/* Whether the cluster says anything that is a setting and not its own. */
static bool has_settings(const struct node *cluster)
{
	for (const struct node *key = cluster->child; key; key = key->next->next) {
		struct str name = node_text(key);
		if (str_eq(name, S("email")) || str_eq(name, S("owners")))
			continue;
		if (!str_eq(name, S("network")))
			return true;
		if (!node_is_null(key->next))
			for (const struct node *k = key->next->child; k; k = k->next->next)
				if (object_field(&object_settings_network, node_text(k)))
					return true;
	}
	return false;
}

struct place cluster_place(struct check *check, const struct cluster_entry *cluster, struct str dotted_path)
{
	const struct node *node = node_find(cluster->key->next, dotted_path);
	struct str path = arena_fmt(check->arena, "clusters.%.*s%s%.*s", STR(cluster->name), dotted_path.n ? "." : "",
				    STR(dotted_path));
	return node_place(check->sources, node ? node : cluster->key, path);
}

struct place input_place(struct check *check, const struct input *input, struct str dotted_path)
{
	const struct node *node = node_find(input->root, dotted_path);
	if (!node)
		node = input->root;
	return node ? node_place(check->sources, node, dotted_path) : (struct place){.path = dotted_path};
}

static int by_name(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;
	return str_cmp(node_text(*x), node_text(*y));
}

static void load_clusters(struct check *check, struct input *input)
{
	const struct node *clusters = input->values.clusters;
	const struct node **keys = NEW_ARRAY(check->arena, const struct node *, clusters->n);
	for (const struct node *key = clusters->child; key; key = key->next->next)
		if (!node_is_null(key) && !node_is_null(key->next))
			keys[input->count++] = key;
	qsort(keys, input->count, sizeof(const struct node *), by_name);

	input->clusters = NEW_ARRAY(check->arena, struct cluster_entry, input->count);
	for (size_t i = 0; i < input->count; i++) {
		const struct node *key = keys[i];
		struct cluster_entry *entry = &input->clusters[i];
		entry->name = node_text(key);
		entry->key = key;
		overlay(check, &object_cluster, (char *)&entry->own, key->next);
		entry->settings = &input->defaults;
		if (has_settings(key->next)) {
			struct settings *own = NEW(check->arena, struct settings);
			*own = input->defaults;
			overlay(check, &object_settings, (char *)own, key->next);
			entry->settings = own;
		}
	}
}

/* --- what needs the release, or settings that are laid over each other --- */

static void check_release(struct check *check, const struct release *release)
{
	struct place nowhere = {0};
	if (!match_format(&check->match, FORMAT_dns_label, release->name) || release->name.p[0] < 'a') {
		struct diag *d = diag_add(check->diags, RULE_NAME_INVALID, nowhere, "the release's name '%.*s' cannot begin an object's name",
					  STR(check_quote(check->arena, release->name)));
		diag_help(check->diags, d, "lower-case letters, digits and '-', beginning with a letter: for example kdk");
	}
	if (release->namespace.n && !match_format(&check->match, FORMAT_dns_label, release->namespace)) {
		struct diag *d = diag_add(check->diags, RULE_NAME_INVALID, nowhere, "the namespace '%.*s' is not %.*s",
					  STR(check_quote(check->arena, release->namespace)), STR(formats[FORMAT_dns_label].what));
		diag_help(check->diags, d, "for example %.*s", STR(formats[FORMAT_dns_label].example));
	}
}

static void check_name(struct check *check, const struct release *release, const struct cluster_entry *cluster)
{
	enum { LONGEST = 49 }; /* `-control-plane` behind it is still a host name */
	size_t n = release->name.n + 1 + cluster->name.n;
	if (n <= LONGEST)
		return;
	struct diag *d = diag_add(check->diags, RULE_NAME_TOO_LONG, cluster_place(check, cluster, S("")),
				  "%.*s-%.*s is %zu characters long", STR(release->name), STR(cluster->name), n);
	diag_note(check->diags, d, "with -control-plane behind it, it is a host name of the nested cluster: at most 63");
	diag_help(check->diags, d, "at most 49 are left for release and name: shorten one of them by %zu", n - LONGEST);
}

static void check_subjects(struct check *check, const struct input *input, const struct cluster_entry *cluster)
{
	const struct rbac *rbac = &input->values.rbac;
	const struct node *owners = cluster->own.owners;
	if (cluster->own.email.n && rbac->userPrefix.n && str_starts(rbac->userPrefix, S("system:"))) {
		struct diag *d = diag_add(check->diags, RULE_OWNER_SYSTEM, cluster_place(check, cluster, S("email")),
					  "user '%.*s%.*s' starts with system:", STR(rbac->userPrefix), STR(cluster->own.email));
		diag_help(check->diags, d, "rbac.userPrefix as the API server's --oidc-username-prefix has it");
	}
	size_t index = 0;
	for (const struct node *o = owners ? owners->child : NULL; o; o = o->next, index++) {
		if (node_is_null(o))
			continue;
		const struct node *user = node_get(o, S("user")), *group = node_get(o, S("group"));
		const struct node *account = node_get(o, S("serviceAccount"));
		const struct node *name = node_is_null(user) ? group : user;
		struct str prefix = node_is_null(user) ? rbac->groupPrefix : rbac->userPrefix;
		struct str path = arena_fmt(check->arena, "clusters.%.*s.owners[%zu]", STR(cluster->name), index);
		struct place place = node_place(check->sources, o, path);
		if (!node_is_null(name) &&
		    str_starts(arena_fmt(check->arena, "%.*s%.*s", STR(prefix), STR(node_text(name))), S("system:"))) {
			struct diag *d = diag_add(check->diags, RULE_OWNER_SYSTEM, place, "owner '%.*s%.*s' starts with system:",
						  STR(prefix), STR(node_text(name)));
			diag_note(check->diags, d, "such names are Kubernetes' own: system:authenticated would be everyone");
		}
		const struct node *namespace = node_get(account, S("namespace"));
		if (!node_is_null(account) && input->release.namespace.n &&
		    !str_eq(node_text(namespace), input->release.namespace))
			diag_help(check->diags,
				  diag_add(check->diags, RULE_OWNER_FOREIGN, place,
					   "whoever may make pods in namespace '%.*s' reaches cluster '%.*s'",
					   STR(node_text(namespace)), STR(cluster->name)),
				  "nothing, where those people may; else a service account of namespace %.*s",
				  STR(input->release.namespace));
	}
}

static void check_merged(struct check *check, const struct cluster_entry *cluster)
{
	const struct settings *s = cluster->settings;
	if (s->paused && !s->storage.persistent) {
		struct diag *d = diag_add(check->diags, RULE_PAUSED_LOSES_DATA, cluster_place(check, cluster, S("paused")),
					  "cluster '%.*s' is paused and has no persistent storage", STR(cluster->name));
		diag_note(check->diags, d, "its nested cluster is gone with its pod, and a new one comes when it goes on");
		diag_help(check->diags, d, "storage: {persistent: true} keeps it, if set before the pause");
	}
	/* The room of an emptyDir is requested too. */
	const struct node *room = node_find(s->resources, S("requests.ephemeral-storage"));
	const struct node *limit = node_find(s->resources, S("limits.ephemeral-storage"));
	if (!s->storage.persistent && node_is_null(room) && !node_is_null(limit) && s->storage.size &&
	    quantity_nano(node_text(s->storage.size)) > quantity_nano(node_text(limit))) {
		struct diag *d = diag_add(check->diags, RULE_REQUEST_OVER_LIMIT,
					  cluster_place(check, cluster, S("resources.limits.ephemeral-storage")),
					  "storage.size %.*s is requested as ephemeral storage, above its limit of %.*s",
					  STR(node_text(s->storage.size)), STR(node_text(limit)));
		diag_help(check->diags, d, "raise the limit, make storage.size smaller, or give resources.requests.ephemeral-storage");
	}
	if (str_eq(s->dnsPolicy, S("None"))) {
		const struct node *servers = node_get(s->dnsConfig, S("nameservers"));
		if (node_is_null(servers) || servers->n == 0)
			diag_add(check->diags, RULE_KEY_MISSING, cluster_place(check, cluster, S("dnsPolicy")),
				 "dnsPolicy None needs dnsConfig.nameservers");
	}
}

/* One daemon holds the containers of all who name it: two clusters there must differ in their port. */
static void check_docker_hosts(struct check *check, const struct input *input)
{
	struct map ports = {0};
	for (size_t i = 0; i < input->count; i++) {
		const struct cluster_entry *cluster = &input->clusters[i];
		const struct settings *s = cluster->settings;
		if (s->dockerHost.n == 0)
			continue;
		struct str key = arena_fmt(check->arena, "%lld %.*s", (long long)s->apiPort, STR(s->dockerHost));
		void **slot = map_at(check->arena, &ports, key);
		const struct cluster_entry *other = *slot;
		if (!other) {
			*slot = (void *)(uintptr_t)cluster;
			continue;
		}
		struct diag *d = diag_add(check->diags, RULE_DOCKER_HOST_SHARED, cluster_place(check, cluster, S("dockerHost")),
					  "clusters '%.*s' and '%.*s' use one Docker daemon and the same apiPort %lld",
					  STR(other->name), STR(cluster->name), (long long)s->apiPort);
		diag_note(check->diags, d, "the second one could not listen");
		diag_help(check->diags, d, "give each its own apiPort");
	}
}

static const struct node *parse_previous(struct check *check, struct str text)
{
	if (text.n == 0)
		return NULL;
	struct source *source = NEW(check->arena, struct source);
	*source = (struct source){.name = S("the release's last plan"), .text = text, .generated = true, .apart = true};
	uint16_t id = sources_add(check->arena, check->sources, source);
	const struct node *root = tree_parse(check->arena, check->diags, check->sources, id);
	if (!root)
		return NULL;
	/* A later version may remember more than this one knows: only what we read is checked. */
	const struct node *network = node_get(root, S("network")), *storage = node_get(root, S("storage"));
	static const struct str of_network[] = {S_INIT("assigned"), S_INIT("block"), S_INIT("block6")};
	static const struct str of_storage[] = {S_INIT("size"), S_INIT("class"), S_INIT("keep")};
	struct path here = {NULL, S("network"), 0, false};
	for (size_t i = 0; i < sizeof of_network / sizeof of_network[0]; i++) {
		struct path path = {&here, of_network[i], 0, false};
		check_value(check, node_get(network, of_network[i]), object_field(&object_network, of_network[i])->type, &path);
	}
	here.key = S("storage");
	for (const struct node *key = storage && storage->kind == NODE_MAP ? storage->child : NULL; key; key = key->next->next) {
		struct path cluster = {&here, node_text(key), 0, false};
		for (size_t i = 0; i < sizeof of_storage / sizeof of_storage[0]; i++) {
			struct path path = {&cluster, of_storage[i], 0, false};
			check_value(check, node_get(key->next, of_storage[i]), object_field(&object_storage, of_storage[i])->type, &path);
		}
	}
	return root;
}

/* A volume that exists is not made smaller or moved, and one that nobody mounts any more is deleted. */
static void check_storage_kept(struct check *check, const struct cluster_entry *cluster, const struct node *before)
{
	const struct storage *now = &cluster->settings->storage;
	const struct node *size = node_get(before, S("size"));
	struct str class = node_text(node_get(before, S("class")));
	bool keep = str_eq(node_text(node_get(before, S("keep"))), S("true"));
	struct diag *d = NULL;
	if (!now->persistent && !keep) {
		d = diag_add(check->diags, RULE_STORAGE_IMMUTABLE, cluster_place(check, cluster, S("storage.persistent")),
			     "cluster '%.*s' had persistent storage and would have none", STR(cluster->name));
		diag_note(check->diags, d, "its volume, and the nested cluster in it, would be deleted");
		diag_help(check->diags, d, "storage: {persistent: true, keep: true} first, and another upgrade: a volume that is kept may be dropped");
	}
	if (!now->persistent)
		return;
	if (!node_is_null(size) && now->size && quantity_nano(node_text(now->size)) < quantity_nano(node_text(size))) {
		d = diag_add(check->diags, RULE_STORAGE_IMMUTABLE, cluster_place(check, cluster, S("storage.size")),
			     "storage of cluster '%.*s' shrinks from %.*s to %.*s", STR(cluster->name), STR(node_text(size)),
			     STR(node_text(now->size)));
		diag_note(check->diags, d, "Kubernetes refuses that, half-way through the upgrade");
		diag_help(check->diags, d, "%.*s, or more", STR(node_text(size)));
	}
	if (class.n && !str_eq(class, now->class)) {
		d = diag_add(check->diags, RULE_STORAGE_IMMUTABLE, cluster_place(check, cluster, S("storage.class")),
			     "storage of cluster '%.*s' moves from class %.*s to %.*s", STR(cluster->name), STR(class),
			     STR(now->class.n ? now->class : S("the default")));
		diag_note(check->diags, d, "Kubernetes refuses that, half-way through the upgrade");
		diag_help(check->diags, d, "class: %.*s", STR(class));
	}
}

static void check_storage(struct check *check, const struct input *input)
{
	const struct node *storage = node_get(input->previous, S("storage"));
	struct arena scratch = {0};
	struct map before = {0};
	if (!storage || storage->kind != NODE_MAP)
		return;
	for (const struct node *key = storage->child; key; key = key->next->next)
		*map_at(&scratch, &before, node_text(key)) = (void *)(uintptr_t)key->next;
	for (size_t i = 0; i < input->count; i++) {
		const struct node *was = map_get(&before, input->clusters[i].name);
		if (was)
			check_storage_kept(check, &input->clusters[i], was);
	}
	arena_free(&scratch);
}

static void check_discovered(struct check *check, const struct node *discovered)
{
	static const struct type cidr = {.kind = TYPE_TEXT, .formatted = true, .format = FORMAT_cidr};
	static const struct type ip = {.kind = TYPE_TEXT, .formatted = true, .format = FORMAT_ip};
	static const struct type cidrs = {.kind = TYPE_LIST, .of = &cidr}, ips = {.kind = TYPE_LIST, .of = &ip};
	static const struct {
		struct str key;
		const struct type *type;
	} lists[] = {{S_INIT("nodes"), &ips}, {S_INIT("pods"), &cidrs}, {S_INIT("services"), &cidrs}};
	struct path here = {NULL, S("discovered"), 0, false};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct path path = {&here, lists[i].key, 0, false};
		check_value(check, node_get(discovered, lists[i].key), lists[i].type, &path);
	}
}

struct input *load_values(struct check *check, const struct node *root, struct release release)
{
	struct input *input = NEW(check->arena, struct input);
	input->release = release;
	input->root = root;
	check_release(check, &release);
	check_map(check, root, &object_values, NULL);
	check_discovered(check, release.discovered);
	input->previous = parse_previous(check, release.plan);

	set_builtins(check, &object_values, (char *)&input->values);
	overlay(check, &object_values, (char *)&input->values, root);
	set_builtins(check, &object_settings, (char *)&input->defaults);
	overlay(check, &object_settings, (char *)&input->defaults, input->values.defaults);
	load_clusters(check, input);

	for (size_t i = 0; i < input->count; i++) {
		const struct cluster_entry *cluster = &input->clusters[i];
		check_name(check, &release, cluster);
		check_subjects(check, input, cluster);
		check_merged(check, cluster);
	}
	check_docker_hosts(check, input);
	check_storage(check, input);
	return input;
}

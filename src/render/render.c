/* The table of kinds, and the loop over kinds and clusters.
 *
 * A kind's text is written once for all clusters that share the defaults' settings,
 * and again for each that has its own; what differs between two clusters of one
 * text are slots (pattern.h).
 */
#include "render.h"

#include "../base/map.h"
#include "kinds.h"
#include "parents.h"
#include "plan_map.h"

#include <string.h>

/* Helm's InstallOrder (helm/pkg/release/v1/util/kind_sorter.go), as far as we go. */
static const struct {
	const char *name;
	write_kind *write;
} kinds[] = {
	{"NetworkPolicy", write_network_policy},
	{"ServiceAccount", write_service_account},
	{"Secret", write_secret},
	{"ConfigMap", write_config_map},
	{"PersistentVolumeClaim", write_claim},
	{"Role", write_roles},
	{"RoleBinding", write_role_bindings},
	{"Service", write_service},
	{"StatefulSet", write_stateful_set},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0], CONFIG_MAP = 3 };

/* --- a cluster's slot values --- */

/* The values of one cluster; their texts lie in one buffer that each cluster reuses. */
struct values_of {
	struct str values[SLOT_COUNT];
	struct buf text;
};

static void two_ranges(struct buf *t, struct cidr v4, struct cidr v6)
{
	char text[CIDR_TEXT];
	buf_add(t, cidr_print(text, v4));
	if (v4.set && v6.set)
		buf_char(t, ',');
	buf_add(t, cidr_print(text, v6));
}

static void put_subject(struct buf *t, const char *kind, struct str name)
{
	BUF_LIT(t, "- apiGroup: rbac.authorization.k8s.io\n  kind: ");
	buf_add(t, str_of(kind));
	BUF_LIT(t, "\n  name: ");
	yaml_text(t, name);
	buf_char(t, '\n');
}

/* Everyone once, as who they are behind their prefix. */
struct subjects {
	struct buf *out;
	struct arena arena;
	struct map seen;
};

static void add_subject(struct subjects *subjects, const char *kind, struct str prefix, struct str name)
{
	struct arena *arena = &subjects->arena;
	struct str key = arena_fmt(arena, "%s %.*s%.*s", kind, STR(prefix), STR(name));
	if (map_add(arena, &subjects->seen, key))
		put_subject(subjects->out, kind, str_from(key, strlen(kind) + 1));
}

static void add_account(struct subjects *subjects, const struct node *account)
{
	struct str name = node_text(node_get(account, S("name"))), namespace = node_text(node_get(account, S("namespace")));
	if (!map_add(&subjects->arena, &subjects->seen, arena_fmt(&subjects->arena, "%.*s/%.*s", STR(namespace), STR(name))))
		return;
	BUF_LIT(subjects->out, "- kind: ServiceAccount\n");
	yaml_pair(subjects->out, 2, S("name"), name);
	yaml_pair(subjects->out, 2, S("namespace"), namespace);
}

static void put_subjects(struct buf *t, const struct rbac *rbac, const struct cluster_entry *cluster)
{
	const struct node *owners = cluster->own.owners;
	if (!owners) { /* as most have it */
		struct buf name = buf_memory();
		buf_add(&name, rbac->userPrefix);
		buf_add(&name, cluster->own.email);
		put_subject(t, "User", buf_str(&name));
		buf_free(&name);
		return;
	}
	struct subjects subjects = {.out = t};
	if (cluster->own.email.n)
		add_subject(&subjects, "User", rbac->userPrefix, cluster->own.email);
	for (const struct node *o = owners->child; o; o = o->next) {
		const struct node *user = node_get(o, S("user")), *group = node_get(o, S("group"));
		if (user)
			add_subject(&subjects, "User", rbac->userPrefix, node_text(user));
		else if (group)
			add_subject(&subjects, "Group", rbac->groupPrefix, node_text(group));
		else
			add_account(&subjects, node_get(o, S("serviceAccount")));
	}
	arena_free(&subjects.arena);
}

static struct str first_owner(const struct cluster_entry *cluster)
{
	if (cluster->own.email.n)
		return cluster->own.email;
	static const struct str names[] = {S_INIT("user"), S_INIT("group"), S_INIT("serviceAccount.name")};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct node *name = node_find(cluster->own.owners->child, names[i]);
		if (name)
			return node_text(name);
	}
	return (struct str){0};
}

static void put_domain(struct buf *t, const struct cluster_entry *cluster)
{
	struct str given = cluster->settings->dnsDomainName;
	buf_add(t, given.n ? given : cluster->name);
	if (given.n == 0)
		BUF_LIT(t, ".kdk");
}

/* Names and owners stand in every object: whether they need quotes is found out once. */
enum { PLAIN_NAME = 1, PLAIN_OWNER = 2 };

static void put_text(struct buf *t, struct str text, bool plain)
{
	if (plain)
		buf_add(t, text);
	else
		yaml_quoted(t, text);
}

static void find_plain(struct arena *arena, struct rendering *r)
{
	const struct input *input = r->plan->input;
	r->plain = NEW_ARRAY(arena, uint8_t, input->count);
	for (size_t i = 0; i < input->count; i++)
		r->plain[i] = (uint8_t)((yaml_is_plain(input->clusters[i].name) ? PLAIN_NAME : 0) |
					(yaml_is_plain(first_owner(&input->clusters[i])) ? PLAIN_OWNER : 0));
}

static void put_hash(struct buf *t, uint64_t hash)
{
	buf_char(t, '"');
	for (int shift = 60; shift >= 0; shift -= 4)
		buf_char(t, "0123456789abcdef"[hash >> shift & 0xf]);
	buf_char(t, '"');
}

static void put_slot(struct buf *t, enum slot slot, const struct input *input, const struct cluster_entry *cluster,
		     const struct cluster_plan *plan, uint64_t config_hash, uint8_t plain)
{
	struct cidr docker = plan->v4.docker;
	char text[CIDR_TEXT];
	switch (slot) {
	case SLOT_FULL:
		buf_add(t, input->release.name);
		buf_char(t, '-');
		buf_add(t, cluster->name);
		break;
	case SLOT_NAME:
		put_text(t, cluster->name, plain & PLAIN_NAME);
		break;
	case SLOT_OWNER:
		put_text(t, first_owner(cluster), plain & PLAIN_OWNER);
		break;
	case SLOT_SUBJECTS:
		put_subjects(t, &input->values.rbac, cluster);
		break;
	case SLOT_DOMAIN:
		if (cluster->settings->dnsDomainName.n)
			yaml_text(t, cluster->settings->dnsDomainName);
		else
			put_domain(t, cluster);
		break;
	case SLOT_PODS:
		two_ranges(t, plan->v4.pods, plan->v6.pods);
		break;
	case SLOT_SERVICES:
		two_ranges(t, plan->v4.services, plan->v6.services);
		break;
	case SLOT_DOCKER:
		two_ranges(t, docker, plan->v6.docker);
		break;
	case SLOT_KIND_NETWORK:
		two_ranges(t, plan_kind_network(docker), plan->v6.docker);
		break;
	case SLOT_BRIDGE:
		buf_add(t, cidr_print(text, plan_bridge(docker)));
		break;
	case SLOT_POOL:
		buf_add(t, cidr_print(text, plan_pool(docker)));
		break;
	case SLOT_POOL_SIZE:
		buf_fmt(t, "%u", cidr_prefix(plan_pool(docker)));
		break;
	case SLOT_NO_PROXY:
		two_ranges(t, plan->v4.pods, plan->v6.pods);
		buf_char(t, ',');
		two_ranges(t, plan->v4.services, plan->v6.services);
		buf_char(t, ',');
		two_ranges(t, docker, plan->v6.docker);
		BUF_LIT(t, ",.");
		put_domain(t, cluster);
		break;
	case SLOT_CHECKSUM:
		put_hash(t, config_hash);
		break;
	case SLOT_COUNT:
		break;
	}
}

/* Only the slots that the pattern has are worth making. */
static void fill(struct values_of *v, const struct pattern *pattern, const struct input *input,
		 const struct cluster_entry *cluster, const struct cluster_plan *plan, uint64_t config_hash, uint8_t plain)
{
	size_t offsets[SLOT_COUNT];
	v->text.n = 0;
	for (size_t i = 0; i < pattern->slot_count; i++) {
		enum slot slot = (enum slot)pattern->used[i];
		offsets[i] = v->text.n;
		put_slot(&v->text, slot, input, cluster, plan, config_hash, plain);
		v->values[slot].n = v->text.n - offsets[i];
	}
	for (size_t i = 0; i < pattern->slot_count; i++)
		v->values[pattern->used[i]].p = v->text.p + offsets[i];
}

/* --- patterns of one kind --- */

struct kind_pattern {
	const struct settings *settings; /* that it was written for; NULL: none yet */
	struct pattern object;
	struct pattern config; /* what the checksum is of, where the object has one */
	uint64_t config_hash;  /* of the literals: the same for all who share them */
};

struct stage {
	const struct rendering *rendering;
	write_kind *write;
	struct kind_pattern of_defaults, of_own;
	struct values_of values, config_values;
};

static struct stage stage_of(const struct rendering *rendering, write_kind *write)
{
	struct stage stage = {.rendering = rendering, .write = write};
	stage.values.text = buf_memory();
	stage.config_values.text = buf_memory();
	return stage;
}

static void stage_free(struct stage *stage)
{
	pattern_free(&stage->of_defaults.object);
	pattern_free(&stage->of_defaults.config);
	pattern_free(&stage->of_own.object);
	pattern_free(&stage->of_own.config);
	buf_free(&stage->values.text);
	buf_free(&stage->config_values.text);
}

static struct writer writer_for(const struct rendering *r, const struct settings *settings, struct buf *text)
{
	return (struct writer){r->plan->input, settings, r->source_line, r->filename, r->parents, r->parent_hosts, text};
}

static void write_pattern(const struct rendering *r, const struct settings *settings, write_kind *write,
			  struct pattern *pattern)
{
	pattern_start(pattern);
	struct writer w = writer_for(r, settings, &pattern->text);
	write(&w);
	pattern_finish(pattern);
}

static const struct kind_pattern *pattern_for(struct stage *stage, const struct settings *settings)
{
	bool defaults = settings == &stage->rendering->plan->input->defaults;
	struct kind_pattern *pattern = defaults ? &stage->of_defaults : &stage->of_own;
	if (pattern->settings == settings)
		return pattern;
	pattern->settings = settings;
	write_pattern(stage->rendering, settings, stage->write, &pattern->object);
	if (pattern->object.slots & (1u << SLOT_CHECKSUM)) {
		write_pattern(stage->rendering, settings, write_restart_config, &pattern->config);
		pattern->config_hash = str_hash(FNV_START, buf_str(&pattern->config.text));
	}
	return pattern;
}

/* The object's pattern for cluster number I, its slot values in stage->values. */
static const struct pattern *cluster_pattern(struct stage *stage, size_t i)
{
	const struct plan *plan = stage->rendering->plan;
	const struct cluster_entry *cluster = &plan->input->clusters[i];
	const struct kind_pattern *pattern = pattern_for(stage, cluster->settings);
	struct cluster_plan ranges = plan_of(plan, i);
	uint8_t plain = stage->rendering->plain[i];
	uint64_t hash = 0;
	if (pattern->object.slots & (1u << SLOT_CHECKSUM)) {
		fill(&stage->config_values, &pattern->config, plan->input, cluster, &ranges, 0, plain);
		hash = str_hash(pattern->config_hash, buf_str(&stage->config_values.text));
	}
	fill(&stage->values, &pattern->object, plan->input, cluster, &ranges, hash, plain);
	return &pattern->object;
}

/* --- sizes --- */

enum { OBJECT_MOST = 1024 * 1024, OBJECT_LARGE = 256 * 1024, SLOT_USUAL = 16, SLOT_MOST = 2048 };

static void check_size(struct check *check, const struct cluster_entry *cluster, const char *kind, size_t size)
{
	if (size <= OBJECT_LARGE)
		return;
	enum level level = size > OBJECT_MOST ? LEVEL_ERROR : LEVEL_WARNING;
	struct diag *d = diag_add_as(check->diags, level, RULE_OBJECT_TOO_LARGE, cluster_place(check, cluster, S("")),
				     "the %s of cluster '%.*s' has %zu KiB", kind, STR(cluster->name), size / 1024);
	diag_note(check->diags, d,
		  level == LEVEL_ERROR ? "Kubernetes stores at most 1 MiB in an object" :
					 "client-side kubectl apply stops at 256 KiB; --server-side and Helm do not");
	diag_help(check->diags, d, "make `manifests` shorter: let one of them fetch the rest");
}

static void write_plan(const struct rendering *r, struct buf *out)
{
	struct writer w = writer_for(r, NULL, out);
	if (r->release_plans)
		write_plan_map(&w, r->release_plans, r->release_count, r->warnings);
}

static void tell_parents(struct arena *arena, struct rendering *r)
{
	struct buf text = buf_memory();
	write_parents(&text, r->plan->layers);
	r->parents = arena_str(arena, buf_str(&text));
	text.n = 0;
	write_parent_hosts(&text, r->plan->layers);
	r->parent_hosts = arena_str(arena, buf_str(&text));
	buf_free(&text);
}

size_t render_check(struct check *check, struct rendering *r)
{
	const struct input *input = r->plan->input;
	size_t total = 0;
	tell_parents(check->arena, r);
	find_plain(check->arena, r);
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct stage stage = stage_of(r, kinds[k].write);
		for (size_t i = 0; i < input->count; i++) {
			const struct cluster_entry *cluster = &input->clusters[i];
			const struct pattern *pattern = &pattern_for(&stage, cluster->settings)->object;
			size_t size = pattern->text.n + pattern->count * SLOT_USUAL;
			total += size;
			/* Exactly only where it could matter: the values of slots are short, but for owners. */
			size_t owners = cluster->own.owners ? cluster->own.owners->n : 0;
			if (size + (pattern->count + owners) * SLOT_MOST <= OBJECT_LARGE)
				continue;
			pattern = cluster_pattern(&stage, i);
			check_size(check, cluster, kinds[k].name, pattern_size(pattern, stage.values.values));
		}
		stage_free(&stage);
	}
	return total;
}

void render_check_release(struct check *check, size_t bytes, size_t clusters)
{
	/* The manifest compressed, and base64 on top. Measured on 5,000 clusters: one byte in 34 remains,
	 * so some 3,200 fit. */
	enum { RATIO = 34 };
	if (bytes / RATIO <= OBJECT_MOST)
		return;
	struct diag *d = diag_add(check->diags, RULE_RELEASE_TOO_LARGE, (struct place){0},
				  "%zu clusters may be more than Helm can store in one release", clusters);
	diag_note(check->diags, d, "Helm keeps a release in one Secret, of at most 1 MiB, and stops where it does not fit");
	diag_help(check->diags, d,
		  "several releases, or `kdk-render values.yaml | kubectl apply --server-side -f -`, which has no such limit");
}

void render_check_plan(struct check *check, struct rendering *r)
{
	struct buf text = buf_memory();
	write_plan(r, &text);
	r->without_plan = text.n > OBJECT_MOST;
	buf_free(&text);
	if (!r->without_plan)
		return;
	struct diag *d = diag_add_as(check->diags, r->standalone ? LEVEL_WARNING : LEVEL_ERROR, RULE_OBJECT_TOO_LARGE,
				     (struct place){0}, "the plan of %zu clusters does not fit into a ConfigMap",
				     r->plan->input->count);
	diag_help(check->diags, d, "several releases, or network.share: true, which has nothing to remember");
}

/* --- the stream --- */

static void write_extra(const struct rendering *r, struct buf *out)
{
	const struct node *extra = r->plan->input->values.extraObjects;
	for (const struct node *o = extra && r->standalone ? extra->child : NULL; o; o = o->next) {
		BUF_LIT(out, "---\n");
		if (o->n)
			yaml_node(out, 0, o);
		else
			BUF_LIT(out, "{}\n");
	}
}

void render_write(const struct rendering *r, struct buf *out)
{
	/* What the clusters may depend on comes before them. */
	write_extra(r, out);
	for (size_t k = 0; k < KIND_COUNT; k++) {
		struct stage stage = stage_of(r, kinds[k].write);
		for (size_t i = 0; i < r->plan->input->count; i++) {
			const struct pattern *pattern = cluster_pattern(&stage, i);
			pattern_play(pattern, stage.values.values, out);
		}
		stage_free(&stage);
		if (k == CONFIG_MAP && !r->without_plan)
			write_plan(r, out);
	}
}

void render_namespace(struct buf *out, struct str name)
{
	BUF_LIT(out, "---\napiVersion: v1\nkind: Namespace\nmetadata:\n");
	yaml_pair(out, 2, S("name"), name);
	BUF_LIT(out, "  labels:\n    pod-security.kubernetes.io/enforce: privileged\n");
}

/* Clusters of both sides are in order of names, so one walk through both pairs them.
 *
 * The rules of what a running cluster sees: an upgrade restarts no pod; without a
 * volume a restart makes the nested cluster anew; with one, onChange decides; a
 * volume goes with its cluster unless storage.keep.
 */
#include "compare.h"

#include "../render/yaml.h"

/* --- ranges --- */

enum { RANGES = PART_BLOCK + 1 };

static void list_ranges(const struct family_plan *family, struct cidr out[RANGES])
{
	out[PART_PODS] = family->pods;
	out[PART_SERVICES] = family->services;
	out[PART_DOCKER] = family->docker;
	out[PART_BLOCK] = family->block;
}

static bool any_part(const struct cidr ranges[RANGES])
{
	return ranges[PART_PODS].set || ranges[PART_SERVICES].set || ranges[PART_DOCKER].set;
}

/* Whether a part lies in its block where it did, so that the block says it all. */
static bool same_place(const struct cidr before[RANGES], const struct cidr now[RANGES], enum part part)
{
	if (!cidr_contains(before[PART_BLOCK], before[part]) || !cidr_contains(now[PART_BLOCK], now[part]))
		return before[part].set == now[part].set && !before[part].set;
	unsigned length = before[part].length;
	return length == now[part].length &&
	       cidr_part_index(before[PART_BLOCK], length, before[part].addr) == cidr_part_index(now[PART_BLOCK], length, now[part].addr);
}

static void put_range(struct buf *out, struct cidr cidr)
{
	char text[CIDR_TEXT];
	buf_add(out, cidr.set ? cidr_print(text, cidr) : S("none"));
}

static void put_change(struct buf *out, enum part part, bool v6, struct cidr before, struct cidr now)
{
	buf_fmt(out, "    %.*s%s: ", STR(part_names[part]), v6 ? "6" : "");
	put_range(out, before);
	BUF_LIT(out, " -> ");
	put_range(out, now);
	buf_char(out, '\n');
}

static void compare_family(struct buf *out, const struct family_plan *was, const struct family_plan *is, bool v6)
{
	struct cidr before[RANGES], now[RANGES];
	list_ranges(was, before);
	list_ranges(is, now);
	/* A block that goes while its parts stay, being pinned now, changes nothing for anyone. */
	bool other = !cidr_eq(before[PART_BLOCK], now[PART_BLOCK]);
	bool whole = other && (now[PART_BLOCK].set || !any_part(now)) && (before[PART_BLOCK].set || !any_part(before));
	if (whole)
		put_change(out, PART_BLOCK, v6, before[PART_BLOCK], now[PART_BLOCK]);
	for (enum part part = PART_PODS; part < PART_BLOCK; part++) {
		bool follows = whole && (same_place(before, now, part) || (cidr_contains(now[PART_BLOCK], now[part]) && !before[part].set) ||
					 (cidr_contains(before[PART_BLOCK], before[part]) && !now[part].set));
		if (!cidr_eq(before[part], now[part]) && !follows)
			put_change(out, part, v6, before[part], now[part]);
	}
}

/* The ranges of a cluster that is only in one of the plans: its block, and what is not in it. */
static void put_ranges(struct buf *out, const struct family_plan *family, bool v6)
{
	struct cidr ranges[RANGES];
	list_ranges(family, ranges);
	for (int i = PART_BLOCK; i >= PART_PODS; i--) {
		if (!ranges[i].set || (i != PART_BLOCK && cidr_contains(ranges[PART_BLOCK], ranges[i])))
			continue;
		buf_fmt(out, "    %.*s%s: ", STR(part_names[i]), v6 ? "6" : "");
		put_range(out, ranges[i]);
		buf_char(out, '\n');
	}
}

/* --- settings that kind applies when it makes a cluster, and never after --- */

/* As text, to be compared, and shown where it is short. */
static void put_setting(struct buf *out, const struct field *field, const char *base)
{
	const char *member = base + field->offset;
	switch (field->member) {
	case MEMBER_BOOL:
		buf_add(out, *(const bool *)member ? S("true") : S("false"));
		break;
	case MEMBER_INT:
		buf_fmt(out, "%lld", (long long)*(const int64_t *)(const void *)member);
		break;
	case MEMBER_TEXT:
		buf_add(out, *(const struct str *)(const void *)member);
		break;
	case MEMBER_NODE:
		yaml_pair_node(out, 0, field->key, *(const struct node *const *)(const void *)member);
		break;
	case MEMBER_NEST:
		break; /* each of its own fields is asked for */
	}
}

static void compare_setting(struct buf *out, const char *group, const struct field *field, const char *before, const char *now)
{
	struct buf from = buf_memory(), to = buf_memory();
	put_setting(&from, field, before);
	put_setting(&to, field, now);
	if (!str_eq(buf_str(&from), buf_str(&to))) {
		buf_fmt(out, "    %s%.*s: ", group, STR(field->key));
		if (field->member == MEMBER_NODE)
			BUF_LIT(out, "changes");
		else
			buf_fmt(out, "%.*s -> %.*s", STR(from), STR(to));
		buf_char(out, '\n');
	}
	buf_free(&to);
	buf_free(&from);
}

static void compare_settings(struct buf *out, const struct settings *before, const struct settings *now)
{
	static const struct str keys[] = {S_INIT("nodeImage"), S_INIT("workers"), S_INIT("dnsDomainName"), S_INIT("apiPort")};
	compare_setting(out, "network.", object_field(&object_settings_network, S("ipFamily")), (const char *)&before->network,
			(const char *)&now->network);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		compare_setting(out, "", object_field(&object_settings, keys[i]), (const char *)before, (const char *)now);
	for (size_t i = 0; i < object_kind.count; i++)
		compare_setting(out, "kind.", &object_kind.fields[i], (const char *)&before->kind, (const char *)&now->kind);
	compare_setting(out, "storage.", object_field(&object_storage, S("persistent")), (const char *)&before->storage,
			(const char *)&now->storage);
}

/* --- what comes of it --- */

static void tell_removed(struct buf *out, const struct storage *storage)
{
	if (!storage->persistent)
		BUF_LIT(out, "    its pod goes, and the nested cluster with it\n");
	else if (storage->keep)
		BUF_LIT(out, "    its pod goes; its volume stays, as storage.keep says\n");
	else
		BUF_LIT(out, "    its pod goes, and its volume with the nested cluster in it (storage.keep is false)\n");
}

static void tell_changed(struct buf *out, const struct settings *before, const struct settings *now)
{
	const char *when = now->paused ? "paused: when it goes on," : "running: when its pod is restarted,";
	if (before->storage.persistent && !now->storage.persistent)
		buf_fmt(out, "    its volume %s\n", before->storage.keep ? "stays, unused, as storage.keep says" :
			"goes, with the nested cluster in it (storage.keep is false)");
	if (!before->storage.persistent || !now->storage.persistent)
		buf_fmt(out, "    %s the nested cluster is made anew, as it has no volume that stays\n", when);
	else if (str_eq(now->onChange, S("recreate")))
		buf_fmt(out, "    %s the nested cluster is deleted and made anew (onChange: recreate)\n", when);
	else if (str_eq(now->onChange, S("fail")))
		buf_fmt(out, "    %s the pod says what differs and stops (onChange: fail)\n", when);
	else
		buf_fmt(out, "    %s the nested cluster goes on with what it has (onChange: keep)\n", when);
}

/* --- cluster by cluster --- */

static void put_name(struct buf *out, char mark, const struct plan *plan, size_t i)
{
	buf_fmt(out, "%c %.*s\n", mark, STR(plan->input->clusters[i].name));
}

static void put_lone(struct buf *out, char mark, const struct plan *plan, size_t i)
{
	struct cluster_plan ranges = plan_of(plan, i);
	put_name(out, mark, plan, i);
	put_ranges(out, &ranges.v4, false);
	put_ranges(out, &ranges.v6, true);
}

/* The domain that it has where none is given is the same as that one given. */
enum { DOMAIN_TEXT = 64 + 4 };
static struct settings in_full(const struct cluster_entry *cluster, char domain[static DOMAIN_TEXT])
{
	struct settings settings = *cluster->settings;
	if (settings.dnsDomainName.n == 0) {
		int n = snprintf(domain, DOMAIN_TEXT, "%.*s.kdk", STR(cluster->name));
		settings.dnsDomainName = (struct str){domain, (size_t)n};
	}
	return settings;
}

static bool compare_cluster(struct buf *out, const struct plan *before, size_t b, const struct plan *now, size_t n)
{
	struct cluster_plan was = plan_of(before, b), is = plan_of(now, n);
	char domains[2][DOMAIN_TEXT];
	struct settings from = in_full(&before->input->clusters[b], domains[0]);
	struct settings to = in_full(&now->input->clusters[n], domains[1]);
	struct buf changes = buf_memory();
	compare_family(&changes, &was.v4, &is.v4, false);
	compare_family(&changes, &was.v6, &is.v6, true);
	compare_settings(&changes, &from, &to);
	bool differs = changes.n > 0;
	if (differs) {
		put_name(out, '~', now, n);
		buf_add(out, buf_str(&changes));
		tell_changed(out, &from, &to);
	}
	buf_free(&changes);
	return differs;
}

struct comparison compare_plans(struct buf *out, const struct plan *before, const struct plan *now)
{
	struct comparison result = {0};
	const struct input *b = before->input, *n = now->input;
	for (size_t i = 0, k = 0; i < b->count || k < n->count;) {
		int order = i == b->count ? 1 : k == n->count ? -1 : str_cmp(b->clusters[i].name, n->clusters[k].name);
		if (order < 0) {
			put_lone(out, '-', before, i);
			tell_removed(out, &b->clusters[i++].settings->storage);
			result.removed++;
		} else if (order > 0) {
			put_lone(out, '+', now, k++);
			result.added++;
		} else {
			result.changed += compare_cluster(out, before, i++, now, k++);
		}
	}
	return result;
}

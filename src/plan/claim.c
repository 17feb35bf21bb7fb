/* Claims: pins, and blocks that were assigned before.
 *
 * A claim is never moved. It is held against obstacles, other clusters' claims and its
 * own cluster's ranges; what is wrong is said with both owners, both ranges, the
 * consequence and a range that is free.
 */
#include "clash.h"
#include "memory.h"
#include "planner.h"

static struct str pin_key(enum part part, bool v6)
{
	static const struct str keys[2][4] = {
		{S_INIT("pods"), S_INIT("services"), S_INIT("docker"), S_INIT("block")},
		{S_INIT("pods6"), S_INIT("services6"), S_INIT("docker6"), S_INIT("block6")},
	};
	return keys[v6][part];
}

static const struct node *pin_node(const struct cluster_entry *cluster, enum part part, bool v6)
{
	const struct cluster_network *n = &cluster->own.network;
	const struct node *const pins[2][4] = {
		{n->pods, n->services, n->docker, n->block},
		{n->pods6, n->services6, n->docker6, n->block6},
	};
	return pins[v6][part];
}

static struct place claim_place(struct planner *p, const struct claim *claim)
{
	struct str key = pin_key(claim->part, claim->pool->v6);
	if (!claim->cluster)
		return input_place(p->check, claim->pool->input, arena_fmt(p->arena, "network.%.*s", STR(key)));
	return cluster_place(p->check, claim->cluster,
			     claim->remembered ? S("") : arena_fmt(p->arena, "network.%.*s", STR(key)));
}

/* "pods 10.1.0.0/21 of cluster 'dev'" */
static struct str claim_text(struct planner *p, const struct claim *claim)
{
	char text[CIDR_TEXT];
	if (!claim->cluster)
		return arena_fmt(p->arena, "the shared block %.*s", STR(cidr_print(text, claim->cidr)));
	return arena_fmt(p->arena, "%.*s %.*s of cluster '%.*s'", STR(part_names[claim->part]),
			 STR(cidr_print(text, claim->cidr)), STR(claim->cluster->name));
}

/* Pods and services are, a block is. */
static bool plural(const struct claim *claim)
{
	return claim->part == PART_PODS || claim->part == PART_SERVICES;
}

static void help_free(struct planner *p, struct diag *d, const struct claim *claim)
{
	const struct pool_plan *pool = claim->pool;
	if (d == &p->check->diags->dropped)
		return;
	char text[CIDR_TEXT];
	struct str key = pin_key(claim->part, pool->v6);
	/* Whoever follows every help of a run must not clash again: what was offered is not offered twice. */
	const struct range_set *const taken[] = {pool->obstacles, &p->claims, &p->offered};
	struct cidr free = range_lowest_free(pool->pools, pool->pool_count, claim->cidr.length, taken, 3);
	range_add(p->arena, &p->offered, free, NULL);
	range_build(&p->offered);
	if (free.set && !claim->remembered)
		diag_help(p->check->diags, d, "%.*s is free; or leave `%.*s` out and let it be assigned",
			  STR(cidr_print(text, free)), STR(key));
	else if (free.set)
		diag_help(p->check->diags, d, "to move it, pin it: network: {%.*s: %.*s}; the nested cluster is then made anew or kept as onChange says",
			  STR(key), STR(cidr_print(text, free)));
	else
		diag_help(p->check->diags, d, "leave `%.*s` out and let it be assigned", STR(key));
}

/* What a claim is said to touch, and what comes of it. VERB is in the plural. */
struct refusal {
	enum rule rule;
	const char *verb;
	struct str other, consequence;
	struct place place; /* of the other, where it is written */
	struct str subject; /* what of the claim touches it */
	bool plural;
	bool within; /* the subject ends with what it is a part of */
};

static void say_clash(struct planner *p, const struct claim *claim, const struct refusal *clash)
{
	/* What was assigned before became illegal by a change elsewhere; a warning stays one. */
	bool illegal = claim->remembered && rule_info(clash->rule)->level == LEVEL_ERROR;
	struct diag *d = diag_add(p->check->diags, illegal ? RULE_ASSIGNED_ILLEGAL : clash->rule, claim_place(p, claim),
				  "%.*s%s %s%s %.*s", STR(clash->subject),
				  claim->remembered ? ", assigned before," : clash->within ? "," : "", clash->verb, clash->plural ? "" : "s", STR(clash->other));
	if (clash->place.source || clash->place.path.n)
		diag_related(p->check->diags, d, clash->place, "the other one is given here");
	diag_note(p->check->diags, d, "%.*s", STR(clash->consequence));
	help_free(p, d, claim);
}

static void refuse_claim(struct planner *p, enum rule rule, const struct claim *claim, const char *verb, struct str other,
			 struct str consequence, struct place place)
{
	say_clash(p, claim,
		  &(struct refusal){rule, verb, other, consequence, place, claim_text(p, claim), plural(claim), false});
}

/* kubeadm's limits (cmd/kubeadm/app/apis/kubeadm/validation): services have at most 20 bits, pods 16
 * more than a node's /24 or /64. */
static unsigned most_bits(const struct claim *claim, const char **what)
{
	bool v6 = claim->pool->v6;
	if (claim->part == PART_SERVICES) {
		*what = v6 ? "kubeadm takes a /108 at most" : "kubeadm takes a /12 at most";
		return 20;
	}
	if (claim->part == PART_PODS) {
		*what = v6 ? "kubeadm takes 65536 nodes' /64 at most, a /48" : "kubeadm takes 65536 nodes' /24 at most, a /8";
		return v6 ? 80 : 24;
	}
	return ADDR_BITS;
}

static unsigned least_bits(const struct claim *claim, const char **what)
{
	bool v6 = claim->pool->v6;
	unsigned bits = v6 ? 64 : 8;
	switch (claim->part) {
	case PART_PODS:
		for (int64_t n = 1; n < 1 + claim->cluster->settings->workers; n *= 2)
			bits++;
		*what = v6 ? "a /64 for each node" : "a /24 for each node";
		return bits;
	case PART_SERVICES:
		*what = "16 addresses";
		return 4;
	case PART_DOCKER:
		*what = "32 addresses";
		return 5;
	case PART_BLOCK:
		*what = "its parts, as network.sizes says";
		return ADDR_BITS - claim->pool->block;
	}
	return 0;
}

/* Against itself: family and size. False where it is no use looking further. */
static bool check_claim(struct planner *p, const struct claim *claim)
{
	if (cidr_is_v4(claim->cidr) == claim->pool->v6) {
		diag_add(p->check->diags, RULE_VALUE_INVALID, claim_place(p, claim), "%.*s %s not an %s range",
			 STR(claim_text(p, claim)), plural(claim) ? "are" : "is", claim->pool->v6 ? "IPv6" : "IPv4");
		return false;
	}
	const char *what = "";
	unsigned bits = most_bits(claim, &what);
	if (cidr_bits(claim->cidr) > bits) {
		struct diag *d = diag_add(p->check->diags, RULE_RANGE_TOO_LARGE, claim_place(p, claim), "%.*s %s too large",
					  STR(claim_text(p, claim)), plural(claim) ? "are" : "is");
		diag_note(p->check->diags, d, "%s", what);
		diag_help(p->check->diags, d, "a /%u or smaller", (claim->pool->v6 ? 128 : 32) - bits);
		return false;
	}
	bits = least_bits(claim, &what);
	if (cidr_bits(claim->cidr) >= bits)
		return true;
	unsigned prefix = (claim->pool->v6 ? 128 : 32) - bits;
	struct diag *d = diag_add(p->check->diags, claim->remembered ? RULE_ASSIGNED_ILLEGAL : RULE_RANGE_TOO_SMALL,
				  claim_place(p, claim), "%.*s %s too small for %s", STR(claim_text(p, claim)), plural(claim) ? "are" : "is", what);
	diag_help(p->check->diags, d, "a /%u or larger", prefix);
	return false;
}

static void claim_add(struct planner *p, const struct claim *claim)
{
	if (!check_claim(p, claim))
		return;
	struct claim *kept = NEW(p->arena, struct claim);
	*kept = *claim;
	range_add(p->arena, &p->claims, claim->cidr, kept);
}

static struct cidr remembered_block(const struct pool_plan *pool, const struct map *map, const struct cluster_entry *cluster)
{
	struct blocks blocks = blocks_given(map_get(map, cluster->name));
	return pool->v6 ? blocks.v6 : blocks.v4;
}

static void note_on_change(struct planner *p, struct diag *d, const struct settings *settings)
{
	diag_note(p->check->diags, d, "a running cluster keeps its ranges or is made anew, as onChange says: %.*s",
		  STR(settings->onChange));
}

/* BLOCK is what was written, LAST what the release's last plan had, GIVEN what the values say it had. */
static void warn_moved(struct planner *p, const struct claim *block, struct cidr last, struct cidr given)
{
	char from[CIDR_TEXT];
	struct cidr before = last.set && !cidr_eq(last, block->cidr) ? last : given;
	if (!before.set || cidr_eq(before, block->cidr))
		return;
	struct diag *d = diag_add(p->check->diags, RULE_ASSIGNED_MOVED, claim_place(p, block), "%.*s was %.*s before",
				  STR(claim_text(p, block)), STR(cidr_print(from, before)));
	note_on_change(p, d, block->cluster ? block->cluster->settings : &block->pool->input->defaults);
}

void claim_warn_joined(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster, struct cidr block)
{
	char from[CIDR_TEXT], to[CIDR_TEXT];
	struct cidr last = remembered_block(pool, &pool->last, cluster);
	struct cidr before = last.set ? last : remembered_block(pool, &pool->assigned, cluster);
	if (!before.set || cidr_eq(before, block))
		return;
	struct diag *d = diag_add(p->check->diags, RULE_ASSIGNED_MOVED, input_place(p->check, pool->input, S("network.share")),
				  "cluster '%.*s' had block %.*s of its own before, and shares %.*s now", STR(cluster->name),
				  STR(cidr_print(from, before)), STR(cidr_print(to, block)));
	note_on_change(p, d, cluster->settings);
}

/* The block that all shared, by the release's last plan. */
static struct cidr shared_before(const struct pool_plan *pool)
{
	return planner_parse(node_get(node_get(pool->input->previous, S("network")), pin_key(PART_BLOCK, pool->v6)));
}

void claim_warn_parted(struct planner *p, const struct pool_plan *pool)
{
	char from[CIDR_TEXT];
	struct cidr before = shared_before(pool);
	if (!before.set)
		return;
	struct diag *d = diag_add(p->check->diags, RULE_ASSIGNED_MOVED, input_place(p->check, pool->input, S("network.share")),
				  "clusters shared block %.*s before, and get one each now", STR(cidr_print(from, before)));
	note_on_change(p, d, &pool->input->defaults);
}

/* The pins of one cluster, and its remembered block where one is still wanted. */
void claim_cluster(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster,
			  struct family_plan *out)
{
	struct cidr *parts[] = {&out->pods, &out->services, &out->docker};
	bool wanted = false;
	for (int part = PART_PODS; part <= PART_DOCKER; part++) {
		struct claim claim = {pool, cluster, (enum part)part, planner_parse(pin_node(cluster, (enum part)part, pool->v6)), false};
		if (claim.cidr.set) {
			*parts[part] = claim.cidr;
			out->origin[part] = SETTLED_PINNED;
			claim_add(p, &claim);
		} else {
			wanted |= planner_needs(cluster, (enum part)part, pool->v6);
		}
	}
	struct claim block = {pool, cluster, PART_BLOCK, planner_parse(pin_node(cluster, PART_BLOCK, pool->v6)), false};
	struct cidr given = remembered_block(pool, &pool->assigned, cluster), last = remembered_block(pool, &pool->last, cluster);
	if (!block.cidr.set && wanted && !pool->input->values.network.share) {
		block.cidr = given.set ? given : last;
		block.remembered = true;
	}
	if (!block.cidr.set)
		return;
	warn_moved(p, &block, last, given);
	claim_add(p, &block);
	if (cidr_bits(block.cidr) >= ADDR_BITS - pool->block)
		pool_cut(pool, cluster, block.cidr, block.remembered ? SETTLED_REMEMBERED : SETTLED_PINNED, out);
}

/* With share: the block that is pinned for all, or was assigned before. */
void claim_shared(struct planner *p, struct pool_plan *pool)
{
	struct str pinned = p->v6 ? pool->input->values.network.block6 : pool->input->values.network.block;
	struct cidr last = shared_before(pool);
	struct claim claim = {pool, NULL, PART_BLOCK, last, true};
	if (pinned.n) {
		cidr_parse(pinned, &claim.cidr);
		claim.remembered = false;
		warn_moved(p, &claim, last, last);
	}
	pool->shared = claim.cidr;
	if (!claim.cidr.set)
		return;
	pool->shared_origin = claim.remembered ? SETTLED_REMEMBERED : SETTLED_PINNED;
	claim_add(p, &claim);
}

void claim_check_own(struct planner *p, const struct pool_plan *pool, const struct cluster_entry *cluster,
		      const struct family_plan *ranges)
{
	const struct cidr parts[] = {ranges->pods, ranges->services, ranges->docker};
	for (int a = PART_PODS; a <= PART_DOCKER; a++) {
		for (int b = a + 1; b <= PART_DOCKER; b++) {
			if (!cidr_overlaps(parts[a], parts[b]))
				continue;
			/* Said at one that is written, where one is. */
			int at = pin_node(cluster, (enum part)a, pool->v6) ? a : b, other = a + b - at;
			struct claim claim = {pool, cluster, (enum part)at, parts[at], false};
			char text[CIDR_TEXT];
			refuse_claim(p, RULE_RANGE_OVERLAPS_OWN, &claim, "overlap",
				     arena_fmt(p->arena, "its own %.*s %.*s", STR(part_names[other]),
					       STR(cidr_print(text, parts[other]))),
				     clash_of_own((enum part)a, (enum part)b), (struct place){0});
		}
	}
}

/* A resolver in the services of its own parent is no second mistake, where those are refused themselves. */
static bool goes_with_services(const struct claim *claim, const struct obstacle *dns)
{
	struct range_hits hits = range_hits(claim->pool->obstacles, dns->cidr);
	for (const struct range *hit; (hit = range_hit(&hits));) {
		const struct obstacle *o = hit->owner;
		if (o->kind == OBSTACLE_SERVICES && o->layer == dns->layer && o->layer->nearest)
			return true;
	}
	return false;
}

static bool concerns(const struct claim *claim, const struct obstacle *obstacle)
{
	if (obstacle->kind == OBSTACLE_ADDRESS && claim->cluster)
		return obstacle->settings == claim->cluster->settings;
	return obstacle->kind != OBSTACLE_DNS || !goes_with_services(claim, obstacle);
}

/* Which part of the claim OBSTACLE touches: of a block the one that it hurts most, *CIDR being that
 * part's range. PART_BLOCK where it touches only what nothing is cut from. */
static enum part part_touched(const struct claim *claim, const struct obstacle *obstacle, struct cidr *cidr)
{
	static const enum part order[] = {PART_SERVICES, PART_PODS, PART_DOCKER};
	*cidr = claim->cidr;
	if (claim->part != PART_BLOCK)
		return claim->part;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		bool cut = !claim->cluster || (planner_needs(claim->cluster, order[i], claim->pool->v6) &&
					       !planner_parse(pin_node(claim->cluster, order[i], claim->pool->v6)).set);
		*cidr = pool_part(claim->pool, claim->cidr, order[i]);
		if (cut && cidr_overlaps(*cidr, obstacle->cidr))
			return order[i];
	}
	return PART_BLOCK;
}

static void check_obstacle(struct planner *p, const struct claim *claim, const struct obstacle *obstacle)
{
	char text[CIDR_TEXT];
	struct cidr cidr;
	enum part part = part_touched(claim, obstacle, &cidr);
	if (part == PART_BLOCK || !concerns(claim, obstacle))
		return;
	struct str subject = claim_text(p, claim);
	bool within = claim->part == PART_BLOCK;
	if (within)
		subject = arena_fmt(p->arena, "%.*s %.*s, in %.*s", STR(part_names[part]), STR(cidr_print(text, cidr)), STR(subject));
	enum rule rule = obstacle_rule(obstacle);
	struct str consequence = obstacle_consequence(obstacle, part);
	if (rule == RULE_RANGE_OVERLAPS_ANCESTOR)
		consequence = arena_fmt(p->arena, "only where that cluster is addressed directly: %.*s", STR(consequence));
	bool one = obstacle->kind == OBSTACLE_DNS || obstacle->kind == OBSTACLE_ADDRESS;
	say_clash(p, claim,
		  &(struct refusal){rule, one ? "hold" : "overlap", obstacle_text(p->arena, obstacle), consequence, obstacle->place,
				   subject, part != PART_DOCKER, within});
}

static void check_obstacles(struct planner *p, const struct claim *claim)
{
	if (planner_holds_mapped(claim->cidr)) {
		refuse_claim(p, RULE_RANGE_RESERVED, claim, "hold", S("::ffff:0:0/96: IPv4-mapped addresses (RFC 4291)"),
			     S("such addresses mean IPv4 ones"), (struct place){0});
		return;
	}
	struct range_hits hits = range_hits(claim->pool->obstacles, claim->cidr);
	size_t said = 0; /* more than are printed need not be found */
	for (const struct range *hit; (hit = range_hit(&hits)) && said <= DIAG_MOST; said++)
		check_obstacle(p, claim, hit->owner);
}

/* The first claim of another cluster that it touches, so that many equal pins make as
 * many messages and not as many pairs. */
static void check_clusters(struct planner *p, const struct range *range)
{
	const struct claim *claim = range->owner;
	if (claim->pool->input->values.network.share)
		return;
	struct range_hits hits = range_hits(&p->claims, range->cidr);
	for (const struct range *hit; (hit = range_hit(&hits));) {
		const struct claim *other = hit->owner;
		if (hit->order > range->order || other->cluster == claim->cluster)
			continue;
		refuse_claim(p, RULE_RANGE_OVERLAPS_CLUSTER, claim, "overlap", claim_text(p, other),
			     clash_of_clusters, claim_place(p, other));
		break;
	}
}

/* What is legal for a pin, and yet not what people usually mean. */
static void remark(struct planner *p, const struct claim *claim)
{
	const struct range *pool = range_blocker(&claim->pool->pool_set, claim->cidr);
	if (pool && cidr_contains(pool->cidr, claim->cidr))
		return; /* what is unusual about it was said of the pool */
	if (pool_warn_unusual(p, claim->cidr, claim_text(p, claim), claim_place(p, claim)))
		return;
	struct diag *d = diag_add(p->check->diags, RULE_RANGE_OUTSIDE_POOL, claim_place(p, claim), "%.*s %s outside the pools",
				  STR(claim_text(p, claim)), plural(claim) ? "are" : "is");
	diag_note(p->check->diags, d, "it is checked as the others are; who keeps the pools may not know of it");
}

void claims_check(struct planner *p)
{
	const size_t *said = p->check->diags->of_level;
	range_build(&p->claims);
	for (size_t i = 0; i < p->claims.count; i++) {
		const struct claim *claim = p->claims.items[i].owner;
		size_t before = said[LEVEL_ERROR] + said[LEVEL_WARNING];
		check_obstacles(p, claim);
		check_clusters(p, &p->claims.items[i]);
		if (!claim->remembered && before == said[LEVEL_ERROR] + said[LEVEL_WARNING])
			remark(p, claim);
	}
}

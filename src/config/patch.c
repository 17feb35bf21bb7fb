/* YAML text inside the values file: it must parse, and patches must not undo the plan.
 *
 * Takes a text, gives a diagnostic. A range or the DNS domain may be set by
 * a key of a kubeadm document or by a component's flag, in a map (v1beta3) or as
 * the name in a list (v1beta4): all are names, wherever they stand.
 */
#include "patch.h"

static const char *const decided[] = {
	"podSubnet", "serviceSubnet", "dnsDomain", "clusterCIDR", "clusterDNS", "clusterDomain", "podCIDR",
	"cluster-cidr", "service-cluster-ip-range", "cluster-dns", "cluster-domain", "pod-cidr", NULL,
};

static bool is_decided(struct str name)
{
	for (size_t i = 0; decided[i]; i++)
		if (str_eq(name, str_of(decided[i])))
			return true;
	return false;
}

static const struct node *find_decided(const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		return NULL;
	const struct node *found = NULL;
	if (node->kind == NODE_LIST) {
		for (const struct node *item = node->child; item && !found; item = item->next)
			found = find_decided(item);
		return found;
	}
	for (const struct node *key = node->child; key && !found; key = key->next->next) {
		const struct node *value = key->next;
		bool names = str_eq(node_text(key), S("name")) && value->kind == NODE_SCALAR;
		if (is_decided(node_text(key)))
			found = key;
		else if (names && is_decided(node_text(value)))
			found = value;
		else
			found = find_decided(value);
	}
	return found;
}

/* What was found in the text, and on which of its lines: BEFORE lines precede what was parsed. */
static void note_inner(struct check *check, struct diag *d, const struct diag *inner, uint32_t before)
{
	if (inner->place.line)
		diag_note(check->diags, d, "its line %u: %.*s", before + inner->place.line, STR(inner->message));
	else
		diag_note(check->diags, d, "%.*s", STR(inner->message));
}

static const struct node *parse_inner(struct check *check, struct diags *inner, struct str text)
{
	struct source source = {.name = S("text"), .text = text};
	struct sources sources = {0};
	*inner = (struct diags){.arena = check->arena};
	sources_add(check->arena, &sources, &source);
	return tree_parse(check->arena, inner, &sources, 0);
}

/* Takes one document off *REST, up to its line of "---"; *LINES counts the lines before it. */
static bool cut_document(struct str *rest, struct str *document, uint32_t *lines)
{
	if (rest->n == 0)
		return false;
	struct str left = *rest, line;
	*lines = 0;
	while (str_line(&left, &line)) {
		++*lines;
		if (left.n && str_starts(left, S("---")))
			break;
	}
	*document = str_to(*rest, rest->n - left.n);
	*rest = left;
	return true;
}

void check_manifest(struct check *check, const struct node *manifest, const struct path *path)
{
	struct str rest = node_text(manifest), document;
	uint32_t before = 0, lines;
	for (; cut_document(&rest, &document, &lines); before += lines) {
		struct diags inner;
		parse_inner(check, &inner, document);
		/* Tags and merge keys are kubectl's to read; what is no YAML is nobody's. */
		if (inner.of_rule[RULE_YAML_SYNTAX] == 0)
			continue;
		struct diag *d = check_say(check, RULE_VALUE_INVALID, manifest, path, "this manifest is not YAML");
		note_inner(check, d, inner.first, before);
		return;
	}
}

void check_kubeadm_patch(struct check *check, const struct node *patch, const struct path *path)
{
	struct diags inner;
	const struct node *tree = parse_inner(check, &inner, node_text(patch));
	if (diags_failed(&inner)) {
		struct diag *d = check_say(check, RULE_PATCH_OVERRIDES_PLAN, patch, path, "this patch is not YAML");
		note_inner(check, d, inner.first, 0);
		return;
	}
	if (tree->kind != NODE_MAP) {
		check_say(check, RULE_PATCH_OVERRIDES_PLAN, patch, path, "this patch is not a YAML map");
		return;
	}
	const struct node *found = find_decided(tree);
	if (!found)
		return;
	struct diag *d = check_say(check, RULE_PATCH_OVERRIDES_PLAN, patch, path, "this patch sets %.*s", STR(node_text(found)));
	diag_note(check->diags, d, "the plan decides ranges and domains; a patch would undo the check against the parents");
	diag_help(check->diags, d, "use the cluster's network.pods, network.services or dnsDomainName");
}

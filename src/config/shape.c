/* Checks of several keys together: Kubernetes fragments, owners, clusters. */
#include "shape.h"

#include "../base/addr.h"
#include "../base/map.h"
#include "check.h"
#include "patch.h"

static bool is_word(const struct node *node, const char *word)
{
	return node && node->kind == NODE_SCALAR && str_eq(node_text(node), str_of(word));
}

static bool is_given(const struct node *node)
{
	return !node_is_null(node);
}

/* --- quantities and resources --- */

static nano multiplied(nano value, nano factor)
{
	const nano most = ((nano)1 << 126);
	return factor && value > most / factor ? most : value * factor;
}

static const nano billion = 1000000000;

nano quantity_nano(struct str text)
{
	nano value = 0, unit = billion;
	size_t i = text.n && text.p[0] == '+';
	bool fraction = false;
	nano scale = 1; /* what the digits behind the point are to be divided by */
	for (; i < text.n && ((text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == '.'); i++) {
		if (text.p[i] == '.') {
			fraction = true;
		} else if (!fraction || scale < billion * billion) {
			value = multiplied(value, 10) + (text.p[i] - '0');
			scale *= fraction ? 10 : 1;
		}
	}
	struct str suffix = str_from(text, i);
	static const char decimal[] = "kMGTPE";
	static const char small[] = "munn";
	if (suffix.n == 2 && suffix.p[1] == 'i') {
		for (size_t k = 0; k <= str_find((struct str)S_INIT(decimal), suffix.p[0] == 'K' ? 'k' : suffix.p[0]); k++)
			unit = multiplied(unit, 1024);
	} else if (suffix.n == 1 && str_find((struct str)S_INIT(decimal), suffix.p[0]) < sizeof decimal - 1) {
		for (size_t k = 0; k <= str_find((struct str)S_INIT(decimal), suffix.p[0]); k++)
			unit = multiplied(unit, 1000);
	} else if (suffix.n == 1) {
		for (size_t k = 0; k <= str_find((struct str)S_INIT(small), suffix.p[0]); k++)
			unit /= 1000;
	} else if (suffix.n > 1) { /* e3, E-2 */
		bool negative = suffix.p[1] == '-';
		size_t digits = negative || suffix.p[1] == '+' ? 2 : 1;
		int64_t exponent = 0;
		parse_integer(str_from(suffix, digits), &exponent);
		for (; exponent > 0; exponent--)
			if (negative)
				scale = multiplied(scale, 10);
			else
				unit = multiplied(unit, 10);
	}
	nano product = multiplied(value, unit);
	return product / scale + (product % scale != 0);
}

/* All but extended resources, which are names of others' domains. */
static bool may_be_overcommitted(struct str resource)
{
	if (str_eq(resource, S("cpu")) || str_eq(resource, S("memory")) || str_eq(resource, S("ephemeral-storage")))
		return true;
	struct str domain = str_to(resource, str_find(resource, '/'));
	return domain.n < resource.n && (str_eq(domain, S("kubernetes.io")) || str_ends(domain, S(".kubernetes.io")));
}

/* hugepages-2Mi: 64Mi is made of whole pages. */
static bool is_whole_pages(struct str resource, nano amount)
{
	nano page = quantity_nano(str_from(resource, S("hugepages-").n));
	return page > 0 && amount % page == 0;
}

static void check_amount(struct check *check, struct str name, const struct node *value, const struct path *path)
{
	nano amount = quantity_nano(node_text(value));
	if (str_starts(name, S("hugepages-")) && !is_whole_pages(name, amount))
		check_say(check, RULE_VALUE_INVALID, value, path, "%.*s is not made of whole pages of that size", STR(node_text(value)));
	else if (!may_be_overcommitted(name) && amount % billion)
		check_say(check, RULE_VALUE_INVALID, value, path, "%.*s is counted in whole numbers", STR(name));
}

void check_resources(struct check *check, const struct node *map, const struct path *path)
{
	const struct node *requests = node_get(map, S("requests")), *limits = node_get(map, S("limits"));
	bool hugepages = false, cpu_or_memory = false;
	for (int i = 0; i < 2; i++) {
		const struct node *list = i ? limits : requests;
		for (const struct node *key = is_given(list) ? list->child : NULL; key; key = key->next->next) {
			struct str name = node_text(key);
			if (node_is_null(key->next))
				continue;
			hugepages |= str_starts(name, S("hugepages-"));
			cpu_or_memory |= str_eq(name, S("cpu")) || str_eq(name, S("memory"));
			check_amount(check, name, key->next, path);
		}
	}
	if (hugepages && !cpu_or_memory)
		check_say(check, RULE_VALUE_INVALID, map, path, "hugepages need cpu or memory beside them");

	struct arena scratch = {0};
	struct map limit_of = {0};
	for (const struct node *key = is_given(limits) ? limits->child : NULL; key; key = key->next->next)
		*map_at(&scratch, &limit_of, node_text(key)) = (void *)(uintptr_t)key->next;
	for (const struct node *key = is_given(requests) ? requests->child : NULL; key; key = key->next->next) {
		struct str name = node_text(key);
		const struct node *limit = map_get(&limit_of, name);
		if (node_is_null(key->next) || (limit && limit->refused))
			continue;
		struct path here = {&(struct path){path, S("requests"), 0, false}, name, 0, false};
		if (!is_given(limit)) {
			if (!may_be_overcommitted(name))
				diag_help(check->diags,
					  check_say(check, RULE_REQUEST_OVER_LIMIT, key->next, &here,
						    "a request of %.*s needs an equal limit", STR(name)),
					  "limits: {%.*s: %.*s}", STR(name), STR(node_text(key->next)));
			continue;
		}
		nano requested = quantity_nano(node_text(key->next)), limited = quantity_nano(node_text(limit));
		if (requested > INT64_MAX * billion && limited > INT64_MAX * billion) {
			check_say(check, RULE_VALUE_INVALID, key->next, &here, "%.*s is more than Kubernetes can count",
				  STR(node_text(key->next)));
			continue;
		}
		if (requested > limited || (requested != limited && !may_be_overcommitted(name))) {
			struct diag *d = check_say(check, RULE_REQUEST_OVER_LIMIT, key->next, &here,
						   "the request of %.*s %s its limit of %.*s", STR(name),
						   requested > limited ? "is larger than" : "must equal",
						   STR(node_text(limit)));
			diag_note(check->diags, d, "the API server would refuse the pod");
			diag_help(check->diags, d, "make both the same%s",
				  may_be_overcommitted(name) ? ", or the request smaller" : "");
		}
	}
	arena_free(&scratch);
}

/* --- scheduling --- */

void check_toleration(struct check *check, const struct node *map, const struct path *path)
{
	const struct node *key = node_get(map, S("key")), *operator= node_get(map, S("operator"));
	const struct node *value = node_get(map, S("value"));
	if ((!is_given(key) || key->n == 0) && !is_word(operator, "Exists"))
		check_say(check, RULE_VALUE_INVALID, map, path, "without a key the operator must be Exists");
	if (is_word(operator, "Exists") && is_given(value) && value->n)
		check_say(check, RULE_VALUE_INVALID, value, path, "with operator Exists there is no value");
	if (is_given(node_get(map, S("tolerationSeconds"))) && !is_word(node_get(map, S("effect")), "NoExecute"))
		check_say(check, RULE_VALUE_INVALID, map, path, "tolerationSeconds needs effect NoExecute");
}

static void check_value_count(struct check *check, const struct node *map, const struct path *path, bool some)
{
	const struct node *values = node_get(map, S("values"));
	bool given = is_given(values) && values->n > 0;
	if (some && !given)
		check_say(check, RULE_VALUE_INVALID, map, path, "with this operator there must be values");
	if (!some && given)
		check_say(check, RULE_VALUE_INVALID, values, path, "with this operator there are no values");
}

void check_requirement(struct check *check, const struct node *map, const struct path *path)
{
	const struct node *operator= node_get(map, S("operator"));
	check_value_count(check, map, path, is_word(operator, "In") || is_word(operator, "NotIn"));
}

/* As strconv.ParseInt reads it: leading zeros mean nothing. */
static bool is_number(struct str text)
{
	int64_t n;
	while (text.n > 1 && text.p[0] == '0')
		text = str_from(text, 1);
	return parse_integer(text, &n);
}

void check_node_requirement(struct check *check, const struct node *map, const struct path *path)
{
	const struct node *operator= node_get(map, S("operator")), *values = node_get(map, S("values"));
	for (const struct node *v = is_given(values) ? values->child : NULL; v; v = v->next)
		if (!match_format(&check->match, FORMAT_label_value, node_text(v)))
			check_say(check, RULE_VALUE_INVALID, v, path, "'%.*s' is not %.*s",
				  STR(check_quote(check->arena, node_text(v))), STR(formats[FORMAT_label_value].what));
	if (!is_word(operator, "Gt") && !is_word(operator, "Lt"))
		check_requirement(check, map, path);
	else if (!is_given(values) || values->n != 1 || (!values->child->refused && !is_number(node_text(values->child))))
		check_say(check, RULE_VALUE_INVALID, map, path, "Gt and Lt compare with one whole number");
}

void check_node_field(struct check *check, const struct node *map, const struct path *path)
{
	if (node_get(map, S("values"))->n != 1)
		check_say(check, RULE_VALUE_INVALID, map, path, "a field is compared with exactly one value");
}

void check_topology_spread(struct check *check, const struct node *map, const struct path *path)
{
	if (is_given(node_get(map, S("minDomains"))) && !is_word(node_get(map, S("whenUnsatisfiable")), "DoNotSchedule"))
		check_say(check, RULE_VALUE_INVALID, map, path, "minDomains needs whenUnsatisfiable: DoNotSchedule");
}

/* --- network --- */

void check_dns_config(struct check *check, const struct node *map, const struct path *path)
{
	enum { NAMESERVERS = 3, SEARCHES = 32, SEARCH_BYTES = 2048 };
	const struct node *nameservers = node_get(map, S("nameservers")), *searches = node_get(map, S("searches"));
	if (is_given(nameservers) && nameservers->n > NAMESERVERS)
		check_say(check, RULE_VALUE_INVALID, nameservers, path, "at most three nameservers");
	size_t bytes = 0;
	for (const struct node *s = is_given(searches) ? searches->child : NULL; s; s = s->next)
		bytes += s->n + (s->next != NULL);
	if (is_given(searches) && (searches->n > SEARCHES || bytes > SEARCH_BYTES))
		check_say(check, RULE_VALUE_INVALID, searches, path, "at most 32 search domains of 2048 bytes together");
	const struct node *options = node_get(map, S("options"));
	for (const struct node *o = is_given(options) ? options->child : NULL; o; o = o->next)
		if (node_text(node_get(o, S("name"))).n == 0)
			check_say(check, RULE_VALUE_INVALID, o, path, "an option needs a name");
}

void check_ip_block(struct check *check, const struct node *map, const struct path *path)
{
	struct cidr block, part;
	const struct node *except = node_get(map, S("except"));
	cidr_parse(node_text(node_get(map, S("cidr"))), &block);
	for (const struct node *e = is_given(except) ? except->child : NULL; e; e = e->next) {
		cidr_parse(node_text(e), &part);
		if (!cidr_contains(block, part) || block.length == part.length)
			check_say(check, RULE_VALUE_INVALID, e, path, "%.*s is no smaller part of %.*s", STR(node_text(e)),
				  STR(node_text(node_get(map, S("cidr")))));
	}
}

void check_peer(struct check *check, const struct node *map, const struct path *path)
{
	bool selects = is_given(node_get(map, S("podSelector"))) || is_given(node_get(map, S("namespaceSelector")));
	bool block = is_given(node_get(map, S("ipBlock")));
	if (selects == block)
		check_say(check, RULE_VALUE_INVALID, map, path,
			  block ? "ipBlock stands alone, without selectors" : "a selector or an ipBlock is wanted here");
}

void check_policy_port(struct check *check, const struct node *map, const struct path *path)
{
	int64_t first = 0, last = 0;
	const struct node *port = node_get(map, S("port")), *end = node_get(map, S("endPort"));
	if (!is_given(end))
		return;
	if (!is_given(port) || !parse_integer(node_text(port), &first) || !parse_integer(node_text(end), &last) ||
	    first > last)
		check_say(check, RULE_VALUE_INVALID, end, path, "endPort needs a port number that is not larger");
}

/* --- ours --- */

void check_owner(struct check *check, const struct node *map, const struct path *path)
{
	int given = is_given(node_get(map, S("user"))) + is_given(node_get(map, S("group"))) +
		    is_given(node_get(map, S("serviceAccount")));
	if (given != 1)
		check_say(check, RULE_OWNER_MISSING, map, path,
			  "exactly one of user, group and serviceAccount is wanted here");
}

static void check_email_case(struct check *check, const struct node *email, const struct path *path)
{
	size_t i = 0;
	while (i < email->n && !(email->text[i] >= 'A' && email->text[i] <= 'Z'))
		i++;
	if (i == email->n)
		return;
	struct diag *d = check_say(check, RULE_OWNER_CASE, email, path, "an upper-case letter in '%.*s'",
				   STR(node_text(email)));
	diag_note(check->diags, d, "Kubernetes compares users to the byte: write it as the identity provider sends it");
}

void check_cluster(struct check *check, const struct node *map, const struct path *path)
{
	const struct node *email = node_get(map, S("email")), *owners = node_get(map, S("owners"));
	bool has_email = is_given(email) && email->n;
	if (has_email)
		check_email_case(check, email, path);
	if (has_email || (is_given(owners) && owners->n))
		return;
	struct diag *d = check_say(check, RULE_OWNER_MISSING, map, path, "cluster '%.*s' has no owner", STR(path->key));
	diag_note(check->diags, d, "nobody could reach it");
	diag_help(check->diags, d, "give it an email, or owners");
}

static void check_spread_pairs(struct check *check, const struct node *list, const struct path *path)
{
	struct arena scratch = {0};
	struct map lines = {0};
	for (const struct node *c = is_given(list) ? list->child : NULL; c; c = c->next) {
		struct str key = arena_fmt(&scratch, "%.*s %.*s", STR(node_text(node_get(c, S("topologyKey")))),
					   STR(node_text(node_get(c, S("whenUnsatisfiable")))));
		void **slot = map_at(&scratch, &lines, key);
		const struct node *first = *slot;
		if (first)
			check_say(check, RULE_VALUE_INVALID, c, path, "the same topologyKey and whenUnsatisfiable in line %u",
				  first->line);
		else
			*slot = (void *)(uintptr_t)c;
	}
	arena_free(&scratch);
}

/* k8s.io/apimachinery/pkg/api/validation: TotalAnnotationSizeLimitB. */
static void check_annotations(struct check *check, const struct node *map, const struct path *path)
{
	enum { MOST = 256 * 1024 };
	size_t bytes = 0;
	for (const struct node *key = is_given(map) ? map->child : NULL; key; key = key->next->next)
		bytes += key->n + node_text(key->next).n;
	if (bytes > MOST)
		check_say(check, RULE_VALUE_INVALID, map, path, "%zu bytes of annotations, and an object may have 256 KiB", bytes);
}

static void check_deletion_cost(struct check *check, const struct node *annotations, const struct path *path)
{
	const struct node *cost = node_get(annotations, S("controller.kubernetes.io/pod-deletion-cost"));
	int64_t n;
	if (is_given(cost) && (!parse_integer(node_text(cost), &n) || n < INT32_MIN || n > INT32_MAX))
		check_say(check, RULE_VALUE_INVALID, cost, path, "the cost of a deletion is a whole number of 32 bits");
}

void check_settings(struct check *check, const struct node *map, const struct path *path)
{
	const struct node *annotations = node_get(map, S("podAnnotations"));
	check_annotations(check, annotations, path);
	check_deletion_cost(check, annotations, path);
	check_spread_pairs(check, node_get(map, S("topologySpreadConstraints")), path);
	const struct node *manifests = node_get(map, S("manifests"));
	struct path under = {path, S("manifests"), 0, false};
	for (const struct node *key = is_given(manifests) ? manifests->child : NULL; key; key = key->next->next) {
		struct path at = {&under, node_text(key), 0, false};
		if (is_given(key->next))
			check_manifest(check, key->next, &at);
	}
	const struct node *patches = node_find(map, S("kind.kubeadmConfigPatches"));
	struct path kind = {path, S("kind"), 0, false};
	struct path list = {&kind, S("kubeadmConfigPatches"), 0, false};
	struct path here = {&list, {0}, 0, true};
	for (const struct node *p = is_given(patches) ? patches->child : NULL; p; p = p->next, here.index++)
		check_kubeadm_patch(check, p, &here);
}

static void check_extra_objects(struct check *check, const struct node *list, const struct path *path)
{
	static const struct str needed[] = {S_INIT("apiVersion"), S_INIT("kind"), S_INIT("metadata.name")};
	struct path under = {path, S("extraObjects"), 0, false}, here = {&under, {0}, 0, true};
	for (const struct node *o = is_given(list) ? list->child : NULL; o; o = o->next, here.index++) {
		for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
			const struct node *text = node_find(o, needed[i]);
			if (!is_given(text) || text->kind != NODE_SCALAR)
				check_say(check, RULE_KEY_MISSING, o, &here, "an object needs %.*s", STR(needed[i]));
		}
	}
}

static void check_parent_names(struct check *check, const struct node *list, const struct path *path)
{
	struct arena scratch = {0};
	struct map names = {0};
	for (const struct node *p = is_given(list) ? list->child : NULL; p; p = p->next) {
		struct str name = node_text(node_get(p, S("name")));
		if (!map_add(&scratch, &names, name))
			check_say(check, RULE_VALUE_INVALID, p, path, "two parents are called '%.*s'", STR(name));
	}
	arena_free(&scratch);
}

void check_values(struct check *check, const struct node *map, const struct path *path)
{
	check_extra_objects(check, node_get(map, S("extraObjects")), path);
	check_annotations(check, node_get(map, S("commonAnnotations")), path);
	const struct node *clusters = node_get(map, S("clusters"));
	struct path under = {path, S("clusters"), 0, false};
	for (const struct node *key = is_given(clusters) ? clusters->child : NULL; key; key = key->next->next) {
		struct path here = {&under, node_text(key), 0, false};
		if (!node_is_null(key->next))
			continue;
		struct diag *d = check_say(check, RULE_CLUSTER_NULL, key, &here, "cluster '%.*s' is null: no cluster",
					   STR(node_text(key)));
		diag_note(check->diags, d, "if it runs, it is removed");
	}
	check_parent_names(check, node_get(map, S("parents")), path);
}

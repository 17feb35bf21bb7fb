/* Any bytes as what kubectl printed: no crash; facts that are ranges; names and a domain that can stand in a
 * comment; and an entry of `parents` that is YAML, in which every fact is found again. */
#include "facts.h"

#include "../base/die.h"
#include "../plan/found.h"
#include "../report/parent.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		BUG("facts");
}

static bool is_held(const struct found_list *list, struct cidr cidr)
{
	for (size_t i = 0; i < list->count; i++)
		if (cidr_contains(list->items[i].cidr, cidr))
			return true;
	return false;
}

static void require_facts(const struct facts *facts, const struct found *found)
{
	enum { MOST = 1000 }; /* looking through all of them for each takes too long */
	for (size_t i = 0; i < facts->count && i < MOST; i++) {
		const struct fact *fact = &facts->items[i];
		require(fact->cidr.set && cidr_eq(fact->cidr, cidr_masked(fact->cidr)));
		require(str_find(fact->name, '\n') == fact->name.n);
		require(is_held(&found->of[fact->kind], fact->cidr));
	}
}

/* What is printed is a values file that lint has no error for. */
static void require_values(struct check *check, struct str text)
{
	struct source source = {.name = S("parents"), .text = text};
	uint16_t id = sources_add(check->arena, check->sources, &source);
	const struct node *root = tree_parse(check->arena, check->diags, check->sources, id);
	require(root != NULL);
	check_map(check, root, &object_values, NULL);
	require(!diags_failed(check->diags));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct match match; /* compiling regexes anew for each input would be most of the time */
	struct arena arena = {0};
	struct diags diags = {.arena = &arena}, none = {.arena = &arena};
	struct sources sources = {0};
	struct source source = {.name = S("fuzz"), .text = {(const char *)data, size}};
	struct check check = {.arena = &arena, .diags = &none, .sources = &sources, .match = match};
	struct facts facts = {0};
	struct buf out = buf_memory();

	facts_read(&facts, &arena, &diags, &check.match, &source);
	struct found found = found_in(&arena, &facts);
	require_facts(&facts, &found);
	write_parent(&out, S("host"), &facts, &found);
	require_values(&check, buf_str(&out));
	match = check.match;
	buf_free(&out);
	arena_free(&arena);
	return 0;
}

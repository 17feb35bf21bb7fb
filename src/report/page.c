/* Rules → their pages: Markdown, which reads well on a terminal as it is.
 *
 * The text lives in docs/rules alone; scripts/pages makes C of it when it is built, and
 * scripts/rules sees to it that each rule has a page.
 */
#include "page.h"

static const char *const *const pages[RULE_COUNT] = {
#include "../../build/rule_pages.inc"
};

void page_write(struct buf *out, enum rule rule)
{
	for (const char *const *line = pages[rule]; line && *line; line++)
		buf_fmt(out, "%s\n", *line);
}

bool page_find(struct str name, enum rule *rule)
{
	for (int i = 0; i < RULE_COUNT; i++) {
		*rule = (enum rule)i;
		if (str_eq(rule_info(*rule)->name, name))
			return true;
	}
	return false;
}

bool page_guess(struct str name, enum rule *rule)
{
	size_t nearest = name.n < 6 ? 2 : name.n / 3; /* half of a word may be missing */
	bool found = false;
	for (int i = 0; i < RULE_COUNT; i++) {
		size_t distance = str_distance(name, rule_info((enum rule)i)->name, nearest);
		if (distance > nearest || (found && distance == nearest))
			continue;
		*rule = (enum rule)i;
		nearest = distance;
		found = true;
	}
	return found;
}

/* Diagnostics: collected in the order found, limited per rule, sorted by place. */
#include "diag.h"

#include "die.h"

#include <stdarg.h>
#include <stdio.h>

static const struct rule_info rules[RULE_COUNT] = {
#define RULE(identifier, name, level, title) [RULE_##identifier] = {S_INIT(name), LEVEL_##level, S_INIT(title)},
#include "rules.def"
#undef RULE
};

const struct rule_info *rule_info(enum rule rule)
{
	return &rules[rule];
}

bool place_has_lines(const struct place *place)
{
	return place->source && !place->source->generated;
}

__attribute__((format(printf, 2, 0))) static struct str format_text(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		BUG("a message that cannot be printed");
	char *p = arena_alloc(arena, (size_t)n + 1, 1);
	vsnprintf(p, (size_t)n + 1, format, args);
	return (struct str){p, (size_t)n};
}

__attribute__((format(printf, 5, 0))) static struct diag *add(struct diags *diags, enum level level, enum rule rule,
							      struct place place, const char *format,
			va_list args)
{
	diags->of_level[level]++;
	if (diags->of_rule[rule]++ >= DIAG_MOST)
		return &diags->dropped;
	struct diag *diag = NEW(diags->arena, struct diag);
	*diag = (struct diag){.rule = rule, .level = level, .place = place};
	diag->message = format_text(diags->arena, format, args);
	if (diags->last)
		diags->last->next = diag;
	else
		diags->first = diag;
	diags->last = diag;
	return diag;
}

struct diag *diag_add(struct diags *diags, enum rule rule, struct place place, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct diag *diag = add(diags, rules[rule].level, rule, place, format, args);
	va_end(args);
	return diag;
}

struct diag *diag_add_as(struct diags *diags, enum level level, enum rule rule, struct place place, const char *format,
			 ...)
{
	va_list args;
	va_start(args, format);
	struct diag *diag = add(diags, level, rule, place, format, args);
	va_end(args);
	return diag;
}

__attribute__((format(printf, 4, 0))) static void add_note(struct diags *diags, struct diag *diag, struct place place,
							   const char *format, va_list args)
{
	if (diag == &diags->dropped)
		return;
	struct diag_text **end = &diag->notes;
	while (*end)
		end = &(*end)->next;
	*end = NEW(diags->arena, struct diag_text);
	(*end)->place = place;
	(*end)->text = format_text(diags->arena, format, args);
}

void diag_note(struct diags *diags, struct diag *diag, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_note(diags, diag, (struct place){0}, format, args);
	va_end(args);
}

void diag_related(struct diags *diags, struct diag *diag, struct place place, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_note(diags, diag, place, format, args);
	va_end(args);
}

void diag_help(struct diags *diags, struct diag *diag, const char *format, ...)
{
	if (diag == &diags->dropped)
		return;
	va_list args;
	va_start(args, format);
	diag->help = format_text(diags->arena, format, args);
	va_end(args);
}

bool diags_failed(const struct diags *diags)
{
	return diags->of_level[LEVEL_ERROR] > 0;
}

static size_t rank(const struct source *source, const struct source *const *sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sources[i] == source)
			return i;
	return count;
}

void diags_sort(struct diags *diags, const struct source *const *sources, size_t count)
{
	/* Insertion into a list: DIAG_MOST of each rule is all there can be. */
	struct diag *sorted = NULL;
	for (struct diag *d = diags->first, *rest; d; d = rest) {
		rest = d->next;
		struct diag **at = &sorted;
		size_t source = rank(d->place.source, sources, count);
		for (; *at; at = &(*at)->next) {
			size_t other = rank((*at)->place.source, sources, count);
			if (other != source ? other > source :
			    (*at)->place.line != d->place.line ? (*at)->place.line > d->place.line :
			    (*at)->place.column > d->place.column)
				break;
		}
		d->next = *at;
		*at = d;
		if (!d->next)
			diags->last = d;
	}
	diags->first = sorted;
}

/* YAML text as nodes that know their place. The only user of libyaml.
 *
 * Scalars keep their text and whether it was plain: nothing is resolved or
 * coerced here. Duplicate keys, syntax errors, tags, merge keys and anything past
 * the limits are diagnostics. Aliases share their target's children, so a small
 * file stays small in memory; the limit counts nodes as if they did not.
 */
#ifndef KDK_CONFIG_TREE_H
#define KDK_CONFIG_TREE_H

#include "../base/diag.h"

enum tree_limit {
	TREE_BYTES = 64 * 1024 * 1024,
	TREE_DEPTH = 64,
	TREE_NODES = 10 * 1000 * 1000,
};

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

/* 32 bytes, as a values file of a hundred thousand clusters has half a million. */
struct node {
	union {
		const char *text;   /* NODE_SCALAR */
		struct node *child; /* NODE_MAP: keys and values in turn; NODE_LIST: items */
	};
	struct node *next;
	uint32_t n; /* bytes of text, entries of a map, or items */
	uint32_t line;
	uint16_t column, width; /* 0: past what 16 bits hold, or unknown */
	uint16_t source;        /* index into struct sources */
	uint8_t kind;           /* enum node_kind */
	bool plain : 1;         /* a scalar without quotes and not in a block */
	bool refused : 1;       /* a diagnostic was about it: later stages pass it over */
};

/* The texts of one run, in the order given. */
struct sources {
	const struct source **items;
	size_t count, capacity;
};
uint16_t sources_add(struct arena *arena, struct sources *sources, const struct source *source);

/* The one document of that source; NULL after a diagnostic. An empty or
 * comment-only text is a diagnostic too. Nodes copy what they need of the text. */
struct node *tree_parse(struct arena *arena, struct diags *diags, const struct sources *sources, uint16_t source);

/* The text of a scalar; the empty text where NODE is NULL or no scalar, as what was refused is
 * left out of what is loaded. */
struct str node_text(const struct node *node);
/* Whether NODE is missing or a plain null, ~ or nothing: "not given"; or was refused. */
bool node_is_null(const struct node *node);
/* The value of KEY in MAP; NULL where MAP is NULL or no map, or has no such key. */
const struct node *node_get(const struct node *map, struct str key);
/* As node_get through several maps: "network.pods". */
const struct node *node_find(const struct node *map, struct str dotted_path);

/* Walks a map: for (k = map->child; k; k = k->next->next), the value being k->next. */

struct place node_place(const struct sources *sources, const struct node *node, struct str path);

#endif

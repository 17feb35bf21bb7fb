/* Any bytes as a post-render stream: carriers lie in order and apart, and what is said of
 * them reads back as one scalar document. */
#include "post.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct sources sources = {0};
	struct str text = {(const char *)data, size};
	struct stream stream = post_find(&arena, &diags, &sources, text);
	size_t at = 0;
	for (size_t i = 0; i < stream.count; i++) {
		if (stream.carriers[i].start < at || stream.carriers[i].end <= stream.carriers[i].start ||
		    stream.carriers[i].end > size)
			abort();
		at = stream.carriers[i].end;
	}
	for (const struct diag *d = diags.first; d; d = d->next) {
		struct buf out = buf_memory();
		struct source source = {.name = S("failure")};
		struct sources own = {0};
		struct diags none = {.arena = &arena};
		post_failure(&out, d->message);
		source.text = buf_str(&out);
		sources_add(&arena, &own, &source);
		const struct node *root = tree_parse(&arena, &none, &own, 0);
		if (!root || root->kind != NODE_SCALAR || !str_eq(node_text(root), d->message))
			abort();
		buf_free(&out);
	}
	arena_free(&arena);
	return 0;
}

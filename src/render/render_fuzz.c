/* Any bytes as a values file, through the whole run: no crash, and either an error or
 * manifests that read back as YAML, files inside ConfigMaps too, with no key twice;
 * the same bytes when asked again. */
#include "render.h"

#include "../base/die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
	if (!holds)
		BUG(what);
}

struct run {
	struct arena arena;
	struct diags diags;
	struct sources sources;
	struct check check;
};

/* Compiling regexes anew for each input would be most of the time. */
static struct match match;

static void run_start(struct run *run)
{
	run->diags.arena = &run->arena;
	run->check = (struct check){.arena = &run->arena, .diags = &run->diags, .sources = &run->sources, .match = match};
}

static void run_end(struct run *run)
{
	match = run->check.match;
	arena_free(&run->arena);
}

static const struct node *parse(struct run *run, struct str text)
{
	struct source *source = NEW(&run->arena, struct source);
	*source = (struct source){.name = S("fuzz"), .text = text};
	return tree_parse(&run->arena, &run->diags, &run->sources, sources_add(&run->arena, &run->sources, source));
}

/* What kdk-render does with one file; OUT stays empty where there is an error. */
static void render(struct run *run, struct str text, bool standalone, struct buf *out)
{
	struct release release = {
		.name = S("kdk"),
		.namespace = standalone ? S("default") : S(""),
		.service = S("Helm"),
		.chart = standalone ? S("") : S("kdk-0.1.0"),
	};
	const struct node *root = parse(run, text);
	if (diags_failed(&run->diags))
		return;
	struct input *input = load_values(&run->check, root, release);
	struct rendering rendering = {.plan = plan_inputs(&run->check, &input, 1), .standalone = standalone};
	if (diags_failed(&run->diags))
		return;
	render_check(&run->check, &rendering);
	render_check_plan(&run->check, &rendering);
	if (!diags_failed(&run->diags))
		render_write(&rendering, out);
}

static const struct node *require_yaml(struct run *run, struct str text, const char *what)
{
	const struct node *root = parse(run, text);
	require(!diags_failed(&run->diags), what);
	return root;
}

static void require_files(struct run *run, const struct node *config_map)
{
	static const struct str files[] = {S_INIT("kind.yaml"), S_INIT("kdk.yaml"), S_INIT("daemon.json"), S_INIT("plan.yaml")};
	const struct node *data = node_get(config_map, S("data"));
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const struct node *file = node_get(data, files[i]);
		if (file)
			require(require_yaml(run, node_text(file), "a file that is not YAML")->kind == NODE_MAP, "a file that is no map");
	}
}

/* "---" at the start of a line begins a document, and can stand nowhere else there. */
static void require_manifests(struct str stream, bool files)
{
	struct run run = {0};
	run_start(&run);
	while (stream.n) {
		require(str_starts(stream, S("---\n")), "a document that does not begin with ---");
		struct str rest = str_from(stream, 4);
		size_t end = 0;
		while (end < rest.n && !str_starts(str_from(rest, end), S("---\n")))
			end += str_find(str_from(rest, end), '\n') + 1;
		const struct node *object = require_yaml(&run, str_to(rest, end), "a manifest that is not YAML");
		require(object->kind == NODE_MAP, "a manifest that is no map");
		const struct node *kind = node_get(object, S("kind"));
		if (files && kind && str_eq(node_text(kind), S("ConfigMap")))
			require_files(&run, object);
		stream = str_from(rest, end);
	}
	run_end(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out[2] = {buf_memory(), buf_memory()};
	bool standalone = size % 2 == 0; /* then there are extraObjects, which may be ConfigMaps too */
	for (int i = 0; i < 2; i++) {
		struct run run = {0};
		run_start(&run);
		render(&run, (struct str){(const char *)data, size}, standalone, &out[i]);
		run_end(&run);
	}
	require(str_eq(buf_str(&out[0]), buf_str(&out[1])), "not the same bytes twice");
	require_manifests(buf_str(&out[0]), !standalone);
	buf_free(&out[0]);
	buf_free(&out[1]);
	return 0;
}

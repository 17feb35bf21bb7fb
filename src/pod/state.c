/* Settings, their file, and the decision. */
#include "state.h"

#include "../base/die.h"
#include "../render/yaml.h"

/* --- settings --- */

static void add(struct arena *arena, struct settings *settings, struct str key, struct str value)
{
	ARENA_PUSH(arena, settings->items, settings->count, settings->capacity);
	settings->items[settings->count++] = (struct setting){key, value};
}

static void add_text(struct arena *arena, struct settings *settings, struct str key, struct str text)
{
	if (str_find(text, '\n') == text.n) {
		add(arena, settings, key, text);
		return;
	}
	struct str line;
	for (int i = 1; str_line(&text, &line); i++)
		add(arena, settings, arena_fmt(arena, "%.*s:%d", STR(key), i), line);
}

static void flatten(struct arena *arena, struct settings *settings, struct str path, const struct node *node)
{
	if (node->kind == NODE_SCALAR) {
		add_text(arena, settings, path, node_text(node));
	} else if (node->kind == NODE_LIST) {
		int i = 0;
		for (const struct node *item = node->child; item; item = item->next)
			flatten(arena, settings, arena_fmt(arena, "%.*s[%d]", STR(path), i++), item);
	} else {
		for (const struct node *key = node->child; key; key = key->next->next) {
			struct str name = node_text(key);
			flatten(arena, settings, path.n ? arena_fmt(arena, "%.*s.%.*s", STR(path), STR(name)) : name, key->next);
		}
	}
}

struct settings settings_of(struct arena *arena, const struct pod_config *config, const struct node *kind)
{
	struct settings settings = {0};
	flatten(arena, &settings, (struct str){0}, kind);
	for (size_t i = 0; i < config->kind_network.count; i++)
		add(arena, &settings, arena_fmt(arena, "kindNetwork[%zu]", i), cidr_text(arena, config->kind_network.items[i]));
	return settings;
}

static const struct setting *find(const struct settings *settings, struct str key)
{
	for (size_t i = 0; i < settings->count; i++) {
		if (str_eq(settings->items[i].key, key))
			return &settings->items[i];
	}
	return NULL;
}

struct str settings_get(const struct settings *settings, struct str key)
{
	const struct setting *setting = find(settings, key);
	return setting ? setting->value : (struct str){0};
}

struct str settings_hash(struct arena *arena, const struct settings *settings)
{
	uint64_t hash = FNV_START;
	for (size_t i = 0; i < settings->count; i++) {
		hash = str_hash(hash, settings->items[i].key);
		hash = str_hash(hash, S("\0"));
		hash = str_hash(hash, settings->items[i].value);
		hash = str_hash(hash, S("\0"));
	}
	return arena_fmt(arena, "%016llx", (unsigned long long)hash);
}

static void put_difference(struct buf *out, struct str key, const struct setting *old, const struct setting *new)
{
	buf_fmt(out, "%s%.*s: ", out->n ? "; " : "", STR(key));
	buf_add(out, old ? str_trim(old->value) : S("nothing"));
	BUF_LIT(out, " -> ");
	buf_add(out, new ? str_trim(new->value) : S("nothing"));
}

struct str settings_diff(struct arena *arena, const struct settings *old, const struct settings *new)
{
	struct buf out = buf_memory();
	for (size_t i = 0; i < old->count; i++) {
		const struct setting *now = find(new, old->items[i].key);
		if (!now || !str_eq(now->value, old->items[i].value))
			put_difference(&out, old->items[i].key, &old->items[i], now);
	}
	for (size_t i = 0; i < new->count; i++) {
		if (!find(old, new->items[i].key))
			put_difference(&out, new->items[i].key, NULL, &new->items[i]);
	}
	struct str text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

/* --- the file --- */

struct state state_parse(struct arena *arena, struct str text)
{
	struct diags diags = {.arena = arena};
	struct sources sources = {0};
	const struct source source = {.name = S("state.json"), .text = text};
	uint16_t index = sources_add(arena, &sources, &source);
	const struct node *root = tree_parse(arena, &diags, &sources, index);
	const struct node *settings = node_get(root, S("settings"));
	struct str kind = node_text(node_get(root, S("state")));
	struct state state = {.cluster = node_text(node_get(root, S("cluster")))};
	bool known = str_eq(kind, S("created")) || str_eq(kind, S("creating"));
	if (!known || !state.cluster.n || !settings || settings->kind != NODE_MAP ||
	    !str_eq(node_text(node_get(root, S("version"))), S("1")))
		return (struct state){.kind = STATE_BROKEN};
	state.kind = str_eq(kind, S("created")) ? STATE_CREATED : STATE_CREATING;
	for (const struct node *key = settings->child; key; key = key->next->next)
		add(arena, &state.settings, node_text(key), node_text(key->next));
	return state;
}

struct str state_text(struct arena *arena, const struct state *state)
{
	struct buf out = buf_memory();
	buf_fmt(&out, "{\n  \"version\": 1,\n  \"state\": \"%s\",\n  \"cluster\": ", state->kind == STATE_CREATED ? "created" : "creating");
	yaml_quoted(&out, state->cluster);
	BUF_LIT(&out, ",\n  \"settings\": {");
	for (size_t i = 0; i < state->settings.count; i++) {
		buf_add(&out, i ? S(",\n    ") : S("\n    "));
		yaml_quoted(&out, state->settings.items[i].key);
		BUF_LIT(&out, ": ");
		yaml_quoted(&out, state->settings.items[i].value);
	}
	BUF_LIT(&out, "\n  }\n}\n");
	struct str text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

/* --- what to do --- */

static struct decision refuse_or_replace(const struct situation *s, const char *why)
{
	return (struct decision){s->on_change == CHANGE_RECREATE ? ACTION_REPLACE : ACTION_REFUSE, false, why};
}

static struct decision make(const struct situation *s, const char *why)
{
	return (struct decision){s->containers ? ACTION_REPLACE : ACTION_CREATE, false, why};
}

/* Ready once, so there may be something to lose. */
static struct decision decide_created(const struct situation *s)
{
	if (!s->control_plane && s->persistent)
		return refuse_or_replace(s, "the volume says that the cluster was made, but docker has no control plane of it");
	if (!s->control_plane)
		return make(s, "the cluster's control plane is gone");
	if (!s->differs)
		return (struct decision){ACTION_START, false, NULL};
	if (s->on_change == CHANGE_KEEP)
		return (struct decision){ACTION_START, true, "settings differ that kind cannot change in a cluster that exists"};
	return refuse_or_replace(s, "settings differ that kind cannot change in a cluster that exists");
}

struct decision decide(const struct situation *s)
{
	if (s->other_cluster)
		return refuse_or_replace(s, "the volume holds another cluster");
	switch (s->state) {
	case STATE_CREATED:
		return decide_created(s);
	case STATE_CREATING:
		return make(s, s->containers ? "the cluster was left half made" : NULL);
	case STATE_BROKEN:
		if (s->containers)
			return refuse_or_replace(s, "state.json cannot be read");
		return make(s, "state.json cannot be read, and docker has no cluster");
	case STATE_NONE:
		if (s->foreign_docker && s->control_plane)
			return (struct decision){ACTION_START, false, "the docker host has the cluster already"};
		if (s->containers)
			return refuse_or_replace(s, "docker has a cluster that this pod did not make");
		return make(s, NULL);
	}
	BUG("a state that is none");
}

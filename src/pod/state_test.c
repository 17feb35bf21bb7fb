#include "state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
	const char *name;
	struct situation situation;
	enum action action;
	bool pending;
} decisions[] = {
	{"nothing there", {.state = STATE_NONE}, ACTION_CREATE, false},
	{"half made, nodes there", {.state = STATE_CREATING, .containers = true, .control_plane = true}, ACTION_REPLACE, false},
	{"half made, nothing there", {.state = STATE_CREATING}, ACTION_CREATE, false},
	{"half made, other settings", {.state = STATE_CREATING, .containers = true, .differs = true, .on_change = CHANGE_FAIL}, ACTION_REPLACE, false},
	{"made", {.state = STATE_CREATED, .containers = true, .control_plane = true}, ACTION_START, false},
	{"made, persistent", {.state = STATE_CREATED, .containers = true, .control_plane = true, .persistent = true}, ACTION_START, false},
	{"made, differs, keep", {.state = STATE_CREATED, .containers = true, .control_plane = true, .differs = true, .on_change = CHANGE_KEEP}, ACTION_START, true},
	{"made, differs, fail", {.state = STATE_CREATED, .containers = true, .control_plane = true, .differs = true, .on_change = CHANGE_FAIL}, ACTION_REFUSE, false},
	{"made, differs, recreate", {.state = STATE_CREATED, .containers = true, .control_plane = true, .differs = true, .on_change = CHANGE_RECREATE}, ACTION_REPLACE, false},
	{"made, same, recreate", {.state = STATE_CREATED, .containers = true, .control_plane = true, .on_change = CHANGE_RECREATE}, ACTION_START, false},
	{"made, containers gone", {.state = STATE_CREATED}, ACTION_CREATE, false},
	{"made, only a worker left", {.state = STATE_CREATED, .containers = true}, ACTION_REPLACE, false},
	{"made, persistent, containers gone", {.state = STATE_CREATED, .persistent = true}, ACTION_REFUSE, false},
	{"made, persistent, gone, recreate", {.state = STATE_CREATED, .persistent = true, .on_change = CHANGE_RECREATE}, ACTION_REPLACE, false},
	{"another cluster's volume", {.state = STATE_CREATED, .other_cluster = true, .containers = true, .control_plane = true}, ACTION_REFUSE, false},
	{"another's, recreate", {.state = STATE_CREATED, .other_cluster = true, .containers = true, .control_plane = true, .on_change = CHANGE_RECREATE}, ACTION_REPLACE, false},
	{"another's, half made", {.state = STATE_CREATING, .other_cluster = true}, ACTION_REFUSE, false},
	{"unknown containers", {.state = STATE_NONE, .containers = true, .control_plane = true}, ACTION_REFUSE, false},
	{"unknown containers, recreate", {.state = STATE_NONE, .containers = true, .control_plane = true, .on_change = CHANGE_RECREATE}, ACTION_REPLACE, false},
	{"a docker host that has it", {.state = STATE_NONE, .containers = true, .control_plane = true, .foreign_docker = true}, ACTION_START, false},
	{"a docker host with half of it", {.state = STATE_NONE, .containers = true, .foreign_docker = true}, ACTION_REFUSE, false},
	{"broken state, nothing there", {.state = STATE_BROKEN}, ACTION_CREATE, false},
	{"broken state, a cluster there", {.state = STATE_BROKEN, .containers = true, .control_plane = true}, ACTION_REFUSE, false},
};

static void decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
		struct decision got = decide(&decisions[i].situation);
		if (got.action != decisions[i].action || got.pending != decisions[i].pending)
			fail_msg("%s: action %d, pending %d", decisions[i].name, (int)got.action, got.pending);
		if (got.action == ACTION_REFUSE && !got.why)
			fail_msg("%s: it does not say why", decisions[i].name);
	}
}

/* Whatever is on the volume: what was made and persists is deleted only where that was asked for. */
static void never_deletes_unasked(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1u << 10; bits++) {
		struct situation s = {.state = (enum state_kind)(bits & 3), .on_change = (enum on_change)((bits >> 2 & 3) % 3),
				      .other_cluster = bits >> 4 & 1, .containers = bits >> 5 & 1, .control_plane = bits >> 6 & 1,
				      .differs = bits >> 7 & 1, .persistent = true, .foreign_docker = bits >> 8 & 1};
		struct decision got = decide(&s);
		if (s.state == STATE_CREATED && s.on_change != CHANGE_RECREATE)
			assert_true(got.action == ACTION_START || got.action == ACTION_REFUSE);
	}
}

static struct settings settings_from(struct arena *arena, const char *kind)
{
	struct diags diags = {.arena = arena};
	struct sources sources = {0};
	const struct source source = {.name = S("kind.yaml"), .text = str_of(kind)};
	struct cidr range = cidr_make_v4(0x0a000000, 24);
	const struct pod_config config = {.kind_network = {&range, 1}};
	return settings_of(arena, &config, tree_parse(arena, &diags, &sources, sources_add(arena, &sources, &source)));
}

#define KIND_YAML "name: a\nnetworking:\n  podSubnet: 10.1.0.0/16\nnodes:\n- role: control-plane\nkubeadmConfigPatches:\n- |\n  a: 1\n  b: 2\n"

static void differences_are_readable(void **state)
{
	(void)state;
	static const struct {
		const char *name, *new, *want;
	} rows[] = {
		{"same", KIND_YAML, ""},
		{"another range", "name: a\nnetworking:\n  podSubnet: 10.2.0.0/16\nnodes:\n- role: control-plane\nkubeadmConfigPatches:\n- |\n  a: 1\n  b: 2\n",
		 "networking.podSubnet: 10.1.0.0/16 -> 10.2.0.0/16"},
		{"a worker more", "name: a\nnetworking:\n  podSubnet: 10.1.0.0/16\nnodes:\n- role: control-plane\n- role: worker\nkubeadmConfigPatches:\n- |\n  a: 1\n  b: 2\n",
		 "nodes[1].role: nothing -> worker"},
		{"a line of a patch", "name: a\nnetworking:\n  podSubnet: 10.1.0.0/16\nnodes:\n- role: control-plane\nkubeadmConfigPatches:\n- |\n  a: 1\n  b: 3\n",
		 "kubeadmConfigPatches[0]:2: b: 2 -> b: 3"},
		{"a patch less", "name: a\nnetworking:\n  podSubnet: 10.1.0.0/16\nnodes:\n- role: control-plane\n",
		 "kubeadmConfigPatches[0]:1: a: 1 -> nothing; kubeadmConfigPatches[0]:2: b: 2 -> nothing"},
	};
	struct arena arena = {0};
	struct settings old = settings_from(&arena, KIND_YAML);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct settings new = settings_from(&arena, rows[i].new);
		struct str diff = settings_diff(&arena, &old, &new);
		if (!str_eq(diff, str_of(rows[i].want)))
			fail_msg("%s: %.*s", rows[i].name, STR(diff));
		bool same = str_eq(settings_hash(&arena, &old), settings_hash(&arena, &new));
		if (same != (diff.n == 0))
			fail_msg("%s: the hash does not tell", rows[i].name);
	}
	arena_free(&arena);
}

static void comes_back_as_written(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct state before = {STATE_CREATED, S("r-one"), settings_from(&arena, "name: \"quo\\\"te\\\\ \\u00e9\"\nempty: \"\"\nlist: [a, b]\n")};
	struct state after = state_parse(&arena, state_text(&arena, &before));
	assert_int_equal(after.kind, STATE_CREATED);
	assert_true(str_eq(after.cluster, S("r-one")));
	assert_int_equal(settings_diff(&arena, &before.settings, &after.settings).n, 0);
	before.kind = STATE_CREATING;
	assert_int_equal(state_parse(&arena, state_text(&arena, &before)).kind, STATE_CREATING);
	arena_free(&arena);
}

/* A file that was cut short at any byte is broken, or whole. */
static void cut_short_is_broken(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct state before = {STATE_CREATED, S("r-one"), settings_from(&arena, KIND_YAML)};
	struct str text = state_text(&arena, &before);
	for (size_t n = 0; n < str_trim(text).n; n++)
		assert_int_equal(state_parse(&arena, str_to(text, n)).kind, STATE_BROKEN);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(never_deletes_unasked),
		cmocka_unit_test(differences_are_readable),
		cmocka_unit_test(comes_back_as_written),
		cmocka_unit_test(cut_short_is_broken),
	};
	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}

/* Any bytes as kdk.yaml: no crash; a config or a diagnostic, never both; ranges that the rest can rely on. */
#include "pod.h"

#include "../base/die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		BUG("kdk.yaml");
}

static void require_ranges(const struct cidr_list *list)
{
	require(list->count > 0);
	for (size_t i = 0; i < list->count; i++)
		require(list->items[i].set && cidr_eq(list->items[i], cidr_masked(list->items[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct diags diags = {.arena = &arena};
	struct source source = {.name = S("fuzz"), .text = {(const char *)data, size}};
	const struct pod_config *config = pod_config_load(&arena, &diags, &source);
	require(!config == diags_failed(&diags));
	if (config) {
		require(config->api_port > 0 && config->workers <= 7 && config->cluster.n && config->secret.n);
		require_ranges(&config->pods);
		require_ranges(&config->services);
		require_ranges(&config->docker);
		require_ranges(&config->kind_network);
	}
	arena_free(&arena);
	return 0;
}

/* Plans → YAML, by the tables of values.def. */
#include "show.h"

#include "../render/yaml.h"

static void show_fields(struct buf *out, size_t indent, const struct field *fields, size_t count, const char *base)
{
	for (const struct field *field = fields; field < fields + count; field++) {
		const char *member = base + field->offset;
		const struct object *nested = field->type->object;
		struct buf inner = buf_memory();
		struct str text;
		switch (field->member) {
		case MEMBER_NODE:
			yaml_pair_node(out, indent, field->key, *(const struct node *const *)(const void *)member);
			break;
		case MEMBER_TEXT:
			text = *(const struct str *)(const void *)member;
			if (text.n && field->type->kind == TYPE_MTU) { /* a number is not quoted there */
				buf_fill(out, ' ', indent);
				buf_fmt(out, "%.*s: %.*s\n", STR(field->key), STR(text));
			} else if (text.n) {
				yaml_pair(out, indent, field->key, text);
			}
			break;
		case MEMBER_BOOL:
			buf_fill(out, ' ', indent);
			buf_fmt(out, "%.*s: %s\n", STR(field->key), *(const bool *)member ? "true" : "false");
			break;
		case MEMBER_INT:
			buf_fill(out, ' ', indent);
			buf_fmt(out, "%.*s: %lld\n", STR(field->key), (long long)*(const int64_t *)(const void *)member);
			break;
		case MEMBER_NEST:
			show_fields(&inner, indent + 2, nested->fields, nested->count, member);
			if (inner.n == 0)
				break;
			buf_fill(out, ' ', indent);
			buf_fmt(out, "%.*s:\n", STR(field->key));
			buf_add(out, buf_str(&inner));
			break;
		}
		buf_free(&inner);
	}
}

static void show_range(struct buf *out, const char *key, struct cidr cidr)
{
	char text[CIDR_TEXT];
	if (!cidr.set)
		return;
	buf_fmt(out, "      %s: ", key);
	yaml_text(out, cidr_print(text, cidr));
	buf_char(out, '\n');
}

static void show_cluster(struct buf *out, const struct cluster_entry *cluster, const struct cluster_plan *plan)
{
	struct settings settings = *cluster->settings;
	char domain[64 + 4];
	if (settings.dnsDomainName.n == 0) {
		int n = snprintf(domain, sizeof domain, "%.*s.kdk", STR(cluster->name));
		settings.dnsDomainName = (struct str){domain, (size_t)n};
	}
	BUF_LIT(out, "  ");
	yaml_text(out, cluster->name);
	BUF_LIT(out, ":\n");
	if (cluster->own.email.n)
		yaml_pair(out, 4, S("email"), cluster->own.email);
	yaml_pair_node(out, 4, S("owners"), cluster->own.owners);
	BUF_LIT(out, "    network:\n");
	show_fields(out, 6, object_settings_network.fields, object_settings_network.count, (const char *)&settings.network);
	show_range(out, "block", plan->v4.block);
	show_range(out, "pods", plan->v4.pods);
	show_range(out, "services", plan->v4.services);
	show_range(out, "docker", plan->v4.docker);
	show_range(out, "block6", plan->v6.block);
	show_range(out, "pods6", plan->v6.pods);
	show_range(out, "services6", plan->v6.services);
	show_range(out, "docker6", plan->v6.docker);
	for (size_t i = 0; i < object_settings.count; i++) {
		const struct field *field = &object_settings.fields[i];
		if (!str_eq(field->key, S("network"))) /* with its ranges above */
			show_fields(out, 4, field, 1, (const char *)&settings);
	}
}

void show_plan(struct buf *out, const struct plan *plan)
{
	const struct input *input = plan->input;
	if (input->count == 0) {
		BUF_LIT(out, "clusters: {}\n");
		return;
	}
	if (input->values.network.share) /* else one block for all would be an overlap */
		BUF_LIT(out, "network:\n  share: true\n");
	BUF_LIT(out, "clusters:\n");
	for (size_t i = 0; i < input->count; i++) {
		struct cluster_plan ranges = plan_of(plan, i);
		show_cluster(out, &input->clusters[i], &ranges);
	}
}

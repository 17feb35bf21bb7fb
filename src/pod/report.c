/* Facts → findings → what is printed of them. */
#include "report.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "../base/file.h"
#include "../render/yaml.h"
#include "../report/text.h"
#include "netlink.h"
#include "probe.h"

/* A child that hangs is no reason to keep the pod waiting; the network gets what a busy node needs for kubectl. */
enum { HOST_BOUND_MS = 2000, NETWORK_BOUND_MS = 5000 };

static int64_t microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct surroundings *look_around(struct arena *arena, const struct report_input *input)
{
	struct surroundings *around = NEW(arena, struct surroundings);
	*around = surroundings_read(arena, input->root, input->data_root, input->environment);
	netlink_ask(arena, around);
	return around;
}

/* What costs nothing comes first: a conflict is said at once. */
struct report report_take(struct arena *arena, const struct report_input *input)
{
	int64_t start = microseconds();
	struct probes probes = {.clock_skew = INT64_MIN};
	const struct surroundings *around = look_around(arena, input);
	struct preflight preflight = {
		.config = input->config, .around = around, .kind_yaml = input->kind_yaml, .state = input->state};
	struct report report = {.findings = preflight_static(arena, &preflight)};
	report.judged_us = microseconds() - start;
	if (!input->whole && findings_stop(&report.findings, input->config->preflight))
		return report;
	preflight.probes = &probes;
	probe_host(arena, &probes, around, arena_fmt(arena, "%s%s", input->root, input->data_root).p, HOST_BOUND_MS);
	report.findings = preflight_static(arena, &preflight);
	report.judged_us = microseconds() - start;
	if (!input->whole && findings_stop(&report.findings, input->config->preflight))
		return report;
	probe_network(arena, &probes, around, input->config, input->environment, NETWORK_BOUND_MS);
	report.findings = preflight_static(arena, &preflight);
	report.waited_us = microseconds() - start - report.judged_us;
	return report;
}

struct report report_take_docker(struct arena *arena, const struct report_input *input, struct str networks,
				 struct str version)
{
	int64_t start = microseconds();
	struct preflight preflight = {.config = input->config,
				      .around = look_around(arena, input),
				      .networks = networks,
				      .docker_version = version};
	struct report report = {.findings = preflight_docker(arena, &preflight)};
	report.judged_us = microseconds() - start;
	return report;
}

/* The worst: FAIL, WARN or PASS. */
static enum verdict findings_verdict(const struct findings *findings)
{
	enum verdict worst = PASS;
	for (size_t i = 0; i < findings->count; i++) {
		enum verdict verdict = findings->items[i].verdict;
		if (verdict != SKIPPED && verdict > worst)
			worst = verdict;
	}
	return worst;
}

/* --- as text --- */

static const struct str verdicts[] = {
	[PASS] = S_INIT("ok"), [WARN] = S_INIT("warn"), [FAIL] = S_INIT("FAIL"), [SKIPPED] = S_INIT("skipped")};

void put_findings(struct buf *out, const struct report *report)
{
	size_t count[SKIPPED + 1] = {0};
	const char *last = "";
	for (size_t i = 0; i < report->findings.count; i++) {
		const struct finding *f = &report->findings.items[i];
		count[f->verdict]++;
		buf_fmt(out, "%-4s %-12s %-8.*s", strcmp(last, f->id) ? f->id : "", f->name, STR(verdicts[f->verdict]));
		if (strcmp(last, f->id) && f->facts.n) {
			buf_char(out, ' ');
			report_escaped(out, f->facts);
		}
		buf_char(out, '\n');
		last = f->id;
		if (f->sentence.n) {
			BUF_LIT(out, "       ");
			report_escaped(out, f->sentence);
			BUF_LIT(out, "\n       -> ");
			report_escaped(out, f->remedy);
			buf_char(out, '\n');
		}
	}
	buf_fmt(out, "%zu ok, %zu warnings, %zu failures, %zu skipped; %.1f ms, and %.1f ms for the network\n",
		count[PASS], count[WARN], count[FAIL], count[SKIPPED], (double)report->judged_us / 1000,
		(double)report->waited_us / 1000);
}

/* --- as JSON --- */

static void put_string(struct buf *out, const char *key, struct str text)
{
	struct buf escaped = buf_memory();
	report_escaped(&escaped, text);
	buf_fmt(out, "\"%s\":", key);
	yaml_quoted(out, buf_str(&escaped)); /* is JSON too */
	buf_free(&escaped);
}

static void put_finding(struct buf *out, const struct finding *f)
{
	buf_fmt(out, "{\"id\":\"%s\",\"name\":\"%s\",", f->id, f->name);
	put_string(out, "verdict", f->verdict == FAIL ? S("fail") : verdicts[f->verdict]);
	buf_char(out, ',');
	put_string(out, "facts", f->facts);
	if (f->sentence.n) {
		buf_char(out, ',');
		put_string(out, "sentence", f->sentence);
		buf_char(out, ',');
		put_string(out, "remedy", f->remedy);
	}
	if (f->exit_status)
		buf_fmt(out, ",\"exitStatus\":%d", f->exit_status);
	buf_char(out, '}');
}

void put_findings_json(struct buf *out, const struct report *report, const struct pod_config *config)
{
	enum verdict worst = findings_verdict(&report->findings);
	BUF_LIT(out, "{\"version\":1,");
	put_string(out, "cluster", config->cluster);
	buf_char(out, ',');
	put_string(out, "verdict", worst == FAIL ? S("fail") : verdicts[worst]);
	buf_fmt(out, ",\"durationMs\":%.3f,\"networkMs\":%.3f,\"findings\":[", (double)report->judged_us / 1000,
		(double)report->waited_us / 1000);
	for (size_t i = 0; i < report->findings.count; i++) {
		if (i)
			buf_char(out, ',');
		put_finding(out, &report->findings.items[i]);
	}
	BUF_LIT(out, "]}\n");
}

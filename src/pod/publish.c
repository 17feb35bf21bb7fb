/* Publishing: a merge patch, a kubectl, a pause. Nothing secret is logged, or on a command line. */
#include "publish.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "log.h"
#include "../render/yaml.h"

enum { KUBECTL_MS = 20 * 1000, AGAIN_MS = 300 * 1000, REST_MS = 3000 };

static void put_parent_kubeconfig(struct publisher *p, struct str address, struct str port)
{
	struct buf text = buf_memory();
	bool v6 = str_find(address, ':') < address.n;
	buf_fmt(&text,
		"apiVersion: v1\nkind: Config\ncurrent-context: parent\n"
		"contexts:\n- {name: parent, context: {cluster: parent, user: pod}}\n"
		"clusters:\n- name: parent\n  cluster:\n    server: https://%s%.*s%s:%.*s\n"
		"    certificate-authority: %s/ca.crt\n"
		"users:\n- name: pod\n  user:\n    tokenFile: %s/token\n",
		v6 ? "[" : "", STR(address), v6 ? "]" : "", STR(port), p->status->places->account,
		p->status->places->account);
	if (!file_put(p->kubeconfig_path, buf_str(&text), false))
		log_fmt("cannot write %s: %s", p->kubeconfig_path, strerror(errno));
	buf_free(&text);
}

void publish_start(struct publisher *p, struct loop *loop, const struct status *status, const struct pod_config *config,
		   struct str pod_uid, struct str address, struct str port, int64_t pause_most)
{
	*p = (struct publisher){.enabled = address.n > 0, .loop = loop, .status = status, .config = config, .pod_uid = pod_uid,
				.kubeconfig = buf_memory(), .config_hash = buf_memory(), .trouble = buf_memory(),
				.pause_most = pause_most};
	p->kubeconfig_path = path_in(&p->arena, status->places->run, "parent.kubeconfig");
	p->cache_path = path_in(&p->arena, status->places->run, "kubectl-cache");
	if (p->enabled)
		put_parent_kubeconfig(p, address, port.n ? port : S("443"));
}

void publish_kubeconfig(struct publisher *p, struct str kubeconfig, struct str config_hash, unsigned port)
{
	p->port = port;
	p->config_hash.n = 0;
	buf_add(&p->config_hash, config_hash);
	if (str_eq(buf_str(&p->kubeconfig), kubeconfig))
		return;
	p->kubeconfig.n = 0;
	buf_add(&p->kubeconfig, kubeconfig);
	p->has_kubeconfig = false;
	p->due = 0;
}

static void put_base64(struct buf *out, struct str text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < text.n; i += 3) {
		size_t left = text.n - i;
		uint32_t bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < left ? (unsigned char)text.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_char(out, k <= left ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
}

static void put_annotation(struct buf *out, const char *name, struct str value)
{
	buf_fmt(out, "\"kdk/%s\": ", name);
	yaml_quoted(out, value);
	BUF_LIT(out, ", ");
}

static struct buf patch_text(const struct publisher *p, bool with_kubeconfig)
{
	const struct status *status = p->status;
	struct buf out = buf_memory();
	char now[32] = "", port[16];
	time_t seconds = time(NULL);
	struct tm t;
	if (gmtime_r(&seconds, &t))
		strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &t);
	BUF_LIT(&out, "{\"metadata\": {\"annotations\": {");
	put_annotation(&out, "phase", str_of(phase_name(status->phase)));
	put_annotation(&out, "message", buf_str(&status->message));
	put_annotation(&out, "pod-uid", p->pod_uid);
	if (p->config_hash.n)
		put_annotation(&out, "config-hash", buf_str(&p->config_hash));
	if (p->port) {
		snprintf(port, sizeof port, "%u", p->port);
		put_annotation(&out, "port", str_of(port));
	}
	if (status->pending.n)
		put_annotation(&out, "pending-change", buf_str(&status->pending));
	else
		BUF_LIT(&out, "\"kdk/pending-change\": null, ");
	BUF_LIT(&out, "\"kdk/updated\": ");
	yaml_quoted(&out, str_of(now));
	BUF_LIT(&out, "}}");
	if (with_kubeconfig) {
		BUF_LIT(&out, ", \"data\": {\"config\": \"");
		put_base64(&out, buf_str(&p->kubeconfig));
		BUF_LIT(&out, "\"}");
	}
	BUF_LIT(&out, "}\n");
	return out;
}

static void send(struct publisher *p)
{
	struct arena arena = {0};
	p->sends_kubeconfig = p->kubeconfig.n && !p->has_kubeconfig;
	p->sent = p->status->revision;
	struct buf patch = patch_text(p, p->sends_kubeconfig);
	const char *const argv[] = {"kubectl",
				    "--kubeconfig", p->kubeconfig_path,
				    "--cache-dir", p->cache_path,
				    "--namespace", arena_fmt(&arena, "%.*s", STR(p->config->namespace)).p,
				    "--request-timeout=10s",
				    "patch", "secret", arena_fmt(&arena, "%.*s", STR(p->config->secret)).p,
				    "--type=merge", "--patch-file=/dev/stdin", "--output=name", NULL};
	p->child = child_start(p->loop, &(struct command){.argv = argv, .input = buf_str(&patch), .keep = true, .plain_network = true});
	p->due = loop_now() + KUBECTL_MS;
	buf_free(&patch);
	arena_free(&arena);
}

static bool says(struct str text, struct str what)
{
	for (size_t i = 0; i + what.n <= text.n; i++) {
		if (memcmp(text.p + i, what.p, what.n) == 0)
			return true;
	}
	return false;
}

struct str publish_trouble(struct arena *arena, const struct pod_config *config, struct str said)
{
	if (says(said, S("(Forbidden)")))
		return arena_fmt(arena,
				 "the pod's ServiceAccount may not get and patch its Secret %.*s/%.*s (403): Role and RoleBinding "
				 "%.*s-publish are missing or changed; apply the release again",
				 STR(config->namespace), STR(config->secret), STR(config->cluster));
	if (says(said, S("(NotFound)")))
		return arena_fmt(arena, "Secret %.*s/%.*s does not exist (404): it is part of the release; apply the release again",
				 STR(config->namespace), STR(config->secret));
	if (says(said, S("(Unauthorized)")))
		return arena_fmt(arena,
				 "the parent's API server refuses the pod's token (401): ServiceAccount %.*s/%.*s was made anew, or the "
				 "clocks differ; restart the pod",
				 STR(config->namespace), STR(config->cluster));
	return arena_fmt(arena, "the kubeconfig cannot be published into Secret %.*s/%.*s: %.*s", STR(config->namespace),
			 STR(config->secret), STR(said));
}

static void fail(struct publisher *p, struct str said)
{
	struct arena arena = {0};
	struct str trouble = publish_trouble(&arena, p->config, said);
	if (!str_eq(trouble, buf_str(&p->trouble)))
		log_fmt("%.*s", STR(trouble));
	p->trouble.n = 0;
	buf_add(&p->trouble, trouble);
	p->pause = p->pause ? p->pause * 2 : 1000;
	if (p->pause > p->pause_most)
		p->pause = p->pause_most;
	p->due = loop_now() + p->pause;
	arena_free(&arena);
}

static void finish(struct publisher *p, int64_t now)
{
	if (!p->child->ended) {
		child_signal_all(p->child, SIGKILL);
		p->due = now + KUBECTL_MS;
		return;
	}
	if (child_good(p->child)) {
		p->done = p->sent;
		p->has_kubeconfig |= p->sends_kubeconfig;
		p->pause = 0;
		p->trouble.n = 0;
		p->due = now + AGAIN_MS;
		p->rested = now + REST_MS;
	} else {
		fail(p, child_said(p->child));
	}
	child_end(p->loop, p->child, 0);
	p->child = NULL;
}

static bool is_current(const struct publisher *p)
{
	return p->done == p->status->revision && (!p->kubeconfig.n || p->has_kubeconfig);
}

bool publish_is_done(const struct publisher *p)
{
	return !p->enabled || (p->kubeconfig.n && p->has_kubeconfig);
}

int64_t publish_tick(struct publisher *p, int64_t now)
{
	if (!p->enabled)
		return NEVER;
	if (p->child && (p->child->ended || now >= p->due))
		finish(p, now);
	if (p->child)
		return p->due;
	bool again = now >= p->due;
	if (again && is_current(p))
		p->has_kubeconfig = false; /* once more, whole */
	bool urgent = p->flushing || (p->kubeconfig.n && !p->has_kubeconfig);
	bool wanted = !p->pause && !is_current(p);
	if (again || (wanted && (urgent || now >= p->rested)))
		send(p);
	else if (wanted && p->rested < p->due)
		return p->rested;
	return p->due;
}

void publish_flush(struct publisher *p, int64_t milliseconds)
{
	int64_t until = loop_now() + milliseconds;
	p->flushing = true;
	while (p->enabled && !is_current(p) && loop_now() < until)
		loop_turn(p->loop, until);
	p->flushing = false;
}

/* Certificates that kubeadm made are good for a year, and a cluster on a volume may outlive them. Before it is
 * published, a cluster that is started again gets new ones, where they would end soon.
 *
 * kubeadm renews them all at once, so that the admin's, which the kubeconfig has, stands for all. What uses them must be
 * started anew: the node is, with all static pods in it, as kubelet would take them away and bring them back by turns.
 */
#include <time.h>

#include "log.h"
#include "run.h"

#define KUBEADM_CONF "/kind/kubeadm.conf" /* the API server, which has it too, may not answer */

enum { DAY = 24 * 3600, DUE = 30 * DAY, KUBEADM_MS = 120 * 1000, RESTART_MS = 180 * 1000 };

bool certificates_are_due(const struct run *run)
{
	return run->certificates_end && run->certificates_end - (int64_t)time(NULL) < DUE;
}

bool certificates_have_ended(const struct run *run)
{
	return run->certificates_end && run->certificates_end <= (int64_t)time(NULL);
}

static struct str day_of(struct arena *arena, int64_t seconds)
{
	char text[16] = "";
	time_t t = (time_t)seconds;
	struct tm tm;
	if (gmtime_r(&t, &tm))
		strftime(text, sizeof text, "%Y-%m-%d", &tm);
	return arena_fmt(arena, "%s", text);
}

/* Kubelet renews its own while it runs, and does not start with one that has ended. This gives it one to start with.
 * Workers have no CA to be given one by. */
static struct answer renew_kubelet(struct run *run, struct arena *arena, const char *node)
{
	struct answer removed = ASK(run, arena, KUBEADM_MS, "docker", "exec", node, "rm", "--force", "/etc/kubernetes/kubelet.conf");
	if (!removed.good)
		return removed;
	return ASK(run, arena, KUBEADM_MS, "docker", "exec", node, "kubeadm", "init", "phase", "kubeconfig", "kubelet", "--config", KUBEADM_CONF);
}

int certificates_renew(struct run *run, struct arena *arena)
{
	const char *node = TEXT_OF(arena, run->nodes.control_plane);
	struct str day = day_of(arena, run->certificates_end);
	log_fmt("the cluster's certificates end on %.*s: they are renewed, and its control plane is started anew", STR(day));
	struct answer renewed = ASK(run, arena, KUBEADM_MS, "docker", "exec", node, "kubeadm", "certs", "renew", "all", "--config", KUBEADM_CONF);
	if (renewed.good && certificates_have_ended(run))
		renewed = renew_kubelet(run, arena, node);
	if (!renewed.good) {
		if (!run_interrupted(run))
			run_warn(run, WARNING_CERTIFICATES, arena_fmt(arena, "the cluster's certificates end on %.*s and cannot be renewed: %.*s", STR(day), STR(renewed.said)));
		return run_interruption(run);
	}
	struct answer restarted = ASK(run, arena, RESTART_MS, "docker", "restart", "-t", NODE_STOP_SECONDS, node);
	if (!restarted.good)
		return run_fail(run, POD_EXIT_CREATE, "docker restart %s: %.*s", node, STR(restarted.said));
	return 0;
}

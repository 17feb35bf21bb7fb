/* StatefulSet: one privileged pod that runs dockerd, which runs kind.
 *
 * updateStrategy OnDelete: an upgrade never ends a running cluster. The pod template
 * holds nothing of the chart's version, and of the parents nothing at all, so that
 * neither makes pods wait for a restart.
 */
#include "kinds.h"

static void put_image(const struct writer *w)
{
	const struct image *image = &w->input->values.image;
	struct buf reference = buf_memory();
	buf_add(&reference, image->repository);
	buf_char(&reference, image->digest.n ? '@' : ':');
	buf_add(&reference, image->digest.n ? image->digest : image->tag);
	yaml_pair(w->text, 8, S("image"), buf_str(&reference));
	buf_free(&reference);
	yaml_pair(w->text, 8, S("imagePullPolicy"), image->pullPolicy);
}

static void put_field_env(const struct writer *w, const char *name, const char *field)
{
	buf_fmt(w->text, "        - name: %s\n          valueFrom:\n            fieldRef:\n              fieldPath: %s\n", name,
		field);
}

static void put_env(const struct writer *w, const char *indent_name, struct str value)
{
	buf_fmt(w->text, "        - name: %s\n", indent_name);
	yaml_pair(w->text, 10, S("value"), value);
}

static void put_environment(const struct writer *w)
{
	const struct settings *s = w->settings;
	PUT(w, "        env:\n");
	put_field_env(w, "KDK_POD_NAME", "metadata.name");
	put_field_env(w, "KDK_POD_UID", "metadata.uid");
	put_field_env(w, "KDK_POD_IP", "status.podIP");
	put_field_env(w, "KDK_HOST_IP", "status.hostIP");
	put_env(w, "DOCKER_TLS_CERTDIR", S(""));
	if (s->dockerHost.n) {
		put_env(w, "DOCKER_HOST", s->dockerHost);
		put_env(w, "RETAIN_DOCKER_HOST", S("1"));
	}
	for (const struct node *key = s->env ? s->env->child : NULL; key; key = key->next->next) {
		PUT(w, "        - name: ");
		yaml_text(w->text, node_text(key));
		PUT(w, "\n");
		yaml_pair(w->text, 10, S("value"), node_text(key->next));
	}
}

/* What was given, and for an emptyDir the room that it needs on the node. */
static void put_resources(const struct writer *w)
{
	const struct settings *s = w->settings;
	const struct node *requests = node_get(s->resources, S("requests"));
	const struct node *limits = node_get(s->resources, S("limits"));
	bool room = !s->storage.persistent && !node_get(requests, S("ephemeral-storage"));
	PUT(w, "        resources:\n");
	if (room || (requests && requests->n)) {
		PUT(w, "          requests:\n");
		if (requests)
			yaml_node(w->text, 12, requests);
		if (room)
			yaml_pair_node(w->text, 12, S("ephemeral-storage"), s->storage.size);
	}
	if (limits && limits->n)
		yaml_pair_node(w->text, 10, S("limits"), limits);
	if (!room && !(requests && requests->n) && !(limits && limits->n))
		PUT(w, "          {}\n");
}

/* exec: a probe from the kubelet would come from a node address, which may overlap. */
static void put_probe(const struct writer *w, const char *name, const char *check, const char *timing)
{
	buf_fmt(w->text,
		"        %s:\n"
		"          exec:\n"
		"            command:\n"
		"            - kdk-pod\n"
		"            - health\n"
		"            - %s\n"
		"%s",
		name, check, timing);
}

/* Calls FORM with the mount directory and Secret of each registry's CA and credentials. */
static void each_registry_secret(const struct writer *w, void (*put)(const struct writer *, int, const char *, struct str))
{
	static const char *const kinds[][2] = {{"caSecret", "ca"}, {"authSecret", "auth"}};
	const struct node *registries = w->settings->registries;
	int i = 0;
	for (const struct node *key = registries ? registries->child : NULL; key; key = key->next->next, i++) {
		for (int k = 0; k < 2; k++) {
			const struct node *secret = node_get(key->next, str_of(kinds[k][0]));
			if (!node_is_null(secret))
				put(w, i, kinds[k][1], node_text(secret));
		}
	}
}

static void put_secret_mount(const struct writer *w, int i, const char *what, struct str secret)
{
	(void)secret;
	buf_fmt(w->text,
		"        - name: registry-%d-%s\n"
		"          mountPath: " REGISTRY_DIRECTORY "/%d/%s\n"
		"          readOnly: true\n",
		i, what, i, what);
}

static void put_secret_volume(const struct writer *w, int i, const char *what, struct str secret)
{
	buf_fmt(w->text, "      - name: registry-%d-%s\n        secret:\n", i, what);
	yaml_pair(w->text, 10, S("secretName"), secret);
	PUT(w, "          defaultMode: 256\n"); /* 0400 */
}

static void put_container(const struct writer *w)
{
	PUT(w, "      containers:\n"
	       "      - name: kdk\n");
	put_image(w);
	PUT(w, "        securityContext:\n"
	       "          privileged: true\n"
	       "          runAsUser: 0\n");
	put_environment(w);
	PUT(w, "        ports:\n"
	       "        - name: kube-api\n");
	buf_fmt(w->text, "          containerPort: %lld\n", (long long)w->settings->apiPort);
	put_resources(w);
	/* Started is a pod whose event loop runs, within seconds; how long a cluster takes bounds kdk-pod itself. */
	put_probe(w, "startupProbe", "startup",
		  "          periodSeconds: 2\n          timeoutSeconds: 5\n          failureThreshold: 60\n");
	put_probe(w, "livenessProbe", "live",
		  "          periodSeconds: 20\n          timeoutSeconds: 10\n          failureThreshold: 6\n");
	put_probe(w, "readinessProbe", "ready", "          periodSeconds: 5\n          timeoutSeconds: 5\n");
	PUT(w, "        terminationMessagePolicy: FallbackToLogsOnError\n"
	       "        volumeMounts:\n"
	       "        - name: data\n"
	       "          mountPath: /var/lib/docker\n"
	       "        - name: config\n"
	       "          mountPath: /etc/kdk\n"
	       "          readOnly: true\n"
	       "        - name: run\n"
	       "          mountPath: /run/kdk\n"
	       "        - name: modules\n"
	       "          mountPath: /lib/modules\n"
	       "          readOnly: true\n"
	       "        - name: token\n"
	       "          mountPath: /var/run/secrets/kubernetes.io/serviceaccount\n"
	       "          readOnly: true\n");
	each_registry_secret(w, put_secret_mount);
}

static void put_volumes(const struct writer *w)
{
	const struct storage *storage = &w->settings->storage;
	PUT(w, "      volumes:\n"
	       "      - name: data\n");
	if (storage->persistent) {
		PUT(w, "        persistentVolumeClaim:\n"
		       "          claimName: " FULL "\n");
	} else {
		PUT(w, "        emptyDir:\n");
		yaml_pair_node(w->text, 10, S("sizeLimit"), storage->size);
	}
	PUT(w, "      - name: config\n"
	       "        configMap:\n"
	       "          name: " FULL "\n"
	       "      - name: run\n"
	       "        emptyDir:\n"
	       "          medium: Memory\n"
	       "          sizeLimit: 64Mi\n"
	       "      - name: modules\n"
	       "        hostPath:\n"
	       "          path: /lib/modules\n"
	       "          type: DirectoryOrCreate\n"
	       "      - name: token\n"
	       "        projected:\n"
	       "          defaultMode: 256\n"
	       "          sources:\n"
	       "          - serviceAccountToken:\n"
	       "              path: token\n"
	       "              expirationSeconds: 3600\n"
	       "          - configMap:\n"
	       "              name: kube-root-ca.crt\n"
	       "              items:\n"
	       "              - key: ca.crt\n"
	       "                path: ca.crt\n"
	       "          - downwardAPI:\n"
	       "              items:\n"
	       "              - path: namespace\n"
	       "                fieldRef:\n"
	       "                  fieldPath: metadata.namespace\n");
	each_registry_secret(w, put_secret_volume);
}

static void put_pod_metadata(const struct writer *w)
{
	const struct settings *s = w->settings;
	PUT(w, "  template:\n    metadata:\n      labels:\n");
	object_selector(w, 8);
	if (s->podLabels)
		yaml_node(w->text, 8, s->podLabels);
	PUT(w, "      annotations:\n        kdk/checksum: " CHECKSUM "\n");
	if (!s->storage.persistent && !node_get(s->podAnnotations, S("cluster-autoscaler.kubernetes.io/safe-to-evict")))
		PUT(w, "        cluster-autoscaler.kubernetes.io/safe-to-evict: \"false\"\n");
	if (s->podAnnotations)
		yaml_node(w->text, 8, s->podAnnotations);
}

static void put_pull_secrets(const struct writer *w)
{
	const struct node *secrets = w->input->values.imagePullSecrets;
	if (!secrets || secrets->n == 0)
		return;
	PUT(w, "      imagePullSecrets:\n");
	for (const struct node *s = secrets->child; s; s = s->next) {
		PUT(w, "      - name: ");
		yaml_text(w->text, node_text(s));
		PUT(w, "\n");
	}
}

static void put_pod_spec(const struct writer *w)
{
	const struct settings *s = w->settings;
	struct buf *t = w->text;
	PUT(w, "    spec:\n"
	       "      serviceAccountName: " FULL "\n"
	       "      automountServiceAccountToken: false\n"
	       "      enableServiceLinks: false\n"
	       "      terminationGracePeriodSeconds: 120\n");
	yaml_pair(t, 6, S("dnsPolicy"), s->dnsPolicy);
	yaml_pair_node(t, 6, S("dnsConfig"), s->dnsConfig);
	yaml_pair_node(t, 6, S("nodeSelector"), s->nodeSelector);
	yaml_pair_node(t, 6, S("tolerations"), s->tolerations);
	yaml_pair_node(t, 6, S("affinity"), s->affinity);
	yaml_pair_node(t, 6, S("topologySpreadConstraints"), s->topologySpreadConstraints);
	if (s->priorityClassName.n)
		yaml_pair(t, 6, S("priorityClassName"), s->priorityClassName);
	if (s->runtimeClassName.n)
		yaml_pair(t, 6, S("runtimeClassName"), s->runtimeClassName);
	put_pull_secrets(w);
	put_container(w);
	put_volumes(w);
}

void write_stateful_set(const struct writer *w)
{
	object_start(w, "apps/v1", "StatefulSet", FULL, "");
	buf_fmt(w->text, "spec:\n  replicas: %d\n", w->settings->paused ? 0 : 1);
	PUT(w, "  serviceName: " FULL "\n"
	       "  podManagementPolicy: Parallel\n"
	       "  updateStrategy:\n"
	       "    type: OnDelete\n"
	       "  selector:\n"
	       "    matchLabels:\n");
	object_selector(w, 6);
	put_pod_metadata(w);
	put_pod_spec(w);
}

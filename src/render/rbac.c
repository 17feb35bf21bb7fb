/* Roles and RoleBindings.
 *
 *   secret-read   owners: get on the cluster's one Secret
 *   portforward   owners: what reaches its one pod, and with access.* its log and its restart
 *   publish       the pod: get and patch on that Secret
 *
 * Every rule names its object. pods/portforward is `get` over WebSocket and `create`
 * over SPDY (KEP-4006); kubectl may use either.
 */
#include "kinds.h"

#define RBAC "rbac.authorization.k8s.io/v1"

static void rule(const struct writer *w, const char *resource, const char *name, const char *verbs)
{
	buf_fmt(w->text,
		"- apiGroups:\n  - \"\"\n  resources:\n  - %s\n  resourceNames:\n  - %s\n  verbs:\n%s",
		resource, name, verbs);
}

void write_roles(const struct writer *w)
{
	static const char pod[] = FULL "-0";
	const struct access *access = &w->settings->access;
	if (w->input->values.rbac.create) {
		object_start(w, RBAC, "Role", FULL "-secret-read", "");
		PUT(w, "rules:\n");
		rule(w, "secrets", FULL, "  - get\n");

		object_start(w, RBAC, "Role", FULL "-portforward", "");
		PUT(w, "rules:\n");
		rule(w, "pods", pod, access->restart ? "  - get\n  - delete\n" : "  - get\n");
		rule(w, "pods/portforward", pod, "  - get\n  - create\n");
		if (access->logs)
			rule(w, "pods/log", pod, "  - get\n");
	}
	object_start(w, RBAC, "Role", FULL "-publish", "");
	PUT(w, "rules:\n");
	rule(w, "secrets", FULL, "  - get\n  - patch\n");
}

static void role_ref(const struct writer *w, const char *name)
{
	buf_fmt(w->text, "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: %s\nsubjects:\n", name);
}

void write_role_bindings(const struct writer *w)
{
	static const char *const owners[] = {FULL "-secret-read", FULL "-portforward"};
	for (int i = 0; i < 2 && w->input->values.rbac.create; i++) {
		object_start(w, RBAC, "RoleBinding", owners[i], "");
		role_ref(w, owners[i]);
		PUT(w, SUBJECTS);
	}
	object_start(w, RBAC, "RoleBinding", FULL "-publish", "");
	role_ref(w, FULL "-publish");
	PUT(w, "- kind: ServiceAccount\n  name: " FULL "\n");
	yaml_pair(w->text, 2, S("namespace"), w->input->release.namespace);
}

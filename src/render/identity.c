/* ServiceAccount and Secret: who the pod is, and where its kubeconfig goes. */
#include "kinds.h"

void write_service_account(const struct writer *w)
{
	object_start(w, "v1", "ServiceAccount", FULL, "");
	PUT(w, "automountServiceAccountToken: false\n");
}

/* No data and no stringData: the pod writes them, and a key that Helm never applied
 * survives every upgrade, in Helm 3 and Helm 4. */
void write_secret(const struct writer *w)
{
	object_start(w, "v1", "Secret", FULL, "");
	PUT(w, "type: Opaque\n");
}

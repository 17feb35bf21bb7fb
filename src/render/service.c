/* Service: headless, for the StatefulSet's stable name. People come in by port-forward. */
#include "kinds.h"

void write_service(const struct writer *w)
{
	object_start(w, "v1", "Service", FULL, "");
	PUT(w, "spec:\n"
	       "  clusterIP: None\n"
	       "  publishNotReadyAddresses: true\n"
	       "  selector:\n");
	object_selector(w, 4);
	PUT(w, "  ports:\n"
	       "  - name: kube-api\n");
	buf_fmt(w->text, "    port: %lld\n    targetPort: kube-api\n", (long long)w->settings->apiPort);
}

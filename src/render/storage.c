/* PersistentVolumeClaim: an object of its own, so that persistence can be switched on
 * and off in an upgrade; a StatefulSet's volumeClaimTemplates cannot change. */
#include "kinds.h"

void write_claim(const struct writer *w)
{
	const struct storage *storage = &w->settings->storage;
	if (!storage->persistent)
		return;
	object_start(w, "v1", "PersistentVolumeClaim", FULL,
		     storage->keep ? "    helm.sh/resource-policy: keep\n" : "");
	PUT(w, "spec:\n  accessModes:\n  - ReadWriteOnce\n");
	if (storage->class.n)
		yaml_pair(w->text, 2, S("storageClassName"), storage->class);
	PUT(w, "  resources:\n    requests:\n");
	yaml_pair_node(w->text, 6, S("storage"), storage->size);
}

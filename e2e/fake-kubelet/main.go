// A node for pods that never run: it answers as a kubelet what `kubectl port-forward` and `kubectl logs` ask for.
//
//	fake-kubelet DIR
//
// Takes  DIR/NAMESPACE/POD.address  HOST:PORT where the pod's ports lead, whichever is asked for; read for every
//
//	connection. Without it nothing listens in the pod.
//	DIR/NAMESPACE/POD.log      the pod's log
//
// Gives  DIR/port, the port that it listens on, on loopback, with a certificate of its own.
//
// SIGHUP closes every connection, as a node does to a pod that is deleted.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubelet/pkg/cri/streaming/portforward"
)

// pod is one pod's files, without the ending.
type pod string

// PortForward joins a stream to what stands for the pod's port, in the words of a container runtime where it fails.
func (p pod) PortForward(_ context.Context, _ string, _ types.UID, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	address, err := os.ReadFile(string(p) + ".address")
	if err != nil {
		return fmt.Errorf("failed to connect to localhost:%d inside namespace: connect: connection refused", port)
	}
	conn, err := net.Dial("tcp", strings.TrimSpace(string(address)))
	if err != nil {
		return fmt.Errorf("failed to connect to localhost:%d inside namespace: %v", port, err)
	}
	defer conn.Close()
	done := make(chan struct{}, 2)
	join := func(to io.Writer, from io.Reader) {
		io.Copy(to, from)
		done <- struct{}{}
	}
	go join(conn, stream)
	go join(stream, conn)
	<-done
	return nil
}

// connections is a listener that knows what it has accepted: http.Server forgets a connection once a handler has it.
type connections struct {
	net.Listener
	mu   sync.Mutex
	open []net.Conn
}

func (l *connections) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		l.open = append(l.open, conn)
		l.mu.Unlock()
	}
	return conn, err
}

func (l *connections) closeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.open {
		conn.Close()
	}
	l.open = nil
}

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: kubelet DIR")
	}
	dir := os.Args[1]
	pathOf := func(r *http.Request) pod {
		return pod(filepath.Join(dir, filepath.Base(r.PathValue("namespace")), filepath.Base(r.PathValue("pod"))))
	}
	forward := func(w http.ResponseWriter, r *http.Request) {
		options, err := portforward.NewV4Options(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		portforward.ServePortForward(w, r, pathOf(r), r.PathValue("pod"), "", options,
			time.Hour, 30*time.Second, portforward.SupportedProtocols)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/portForward/{namespace}/{pod}", forward)
	mux.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, string(pathOf(r))+".log")
	})

	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	listener := &connections{Listener: plain}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			listener.closeAll()
		}
	}()
	port := plain.Addr().(*net.TCPAddr).Port
	if err := os.WriteFile(filepath.Join(dir, "port"), fmt.Appendln(nil, port), 0o644); err != nil {
		log.Fatal(err)
	}
	// HTTP/1.1 alone: a connection that is upgraded cannot be one of HTTP/2.
	server := &http.Server{Handler: mux, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}}
	config := &tls.Config{Certificates: []tls.Certificate{certificate()}, NextProtos: []string{"http/1.1"}}
	log.Fatal(server.Serve(tls.NewListener(listener, config)))
}

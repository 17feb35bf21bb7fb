package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net/netip"
	"os"
	"os/exec"
	"strings"
)

// Texts that have gone wrong somewhere, and the ends of what is allowed. Each is tried as it is, and many times
// with something changed in it.
var corpus = []string{
	"", " ", "/", "//", "/0", "0", "0/0", ".", "...", ":", "::", ":::", "::/0", "::/128", "::/129", "::1/128", "::0/0",
	"0.0.0.0", "0.0.0.0/0", "0.0.0.0/00", "0.0.0.0/33", "0.0.0.0/-1", "0.0.0.0/+1", "0.0.0.0/ 1", "0.0.0.0/1 ",
	"0.0.0.0/0x1", "0.0.0.0/1e1", "255.255.255.255", "255.255.255.255/32", "256.0.0.0/8", "1.2.3.4/32", "1.2.3.4/031",
	"10.0.0.0/8", "10.76.0.0/12", "10.0.0.1/8", "10.0.0.0", "10.0.0.0/", "10.0.0/8", "10.0.0.0.0/8", "10/8", "010.0.0.0/8",
	"10.00.0.0/8", "10.0.0.00/8", "0x0a.0.0.0/8", "167772160/8", " 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0.0 /8", "10.0.0.0/8/8",
	"10.0.0.0\n/8", "10.0.0.0/8\n", "10.0.0.0/8\x00", "\x0010.0.0.0/8", "10,0,0,0/8", "10.0.0.0/255.0.0.0", "10.0.0.0/256",
	"10.0.0.0/4294967304", "10.0.0.0/18446744073709551624", "٠.0.0.0/8", "10.0.0.0/٨", "１０.0.0.0/8",
	"::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "::ffff:0:0/96", "::ffff:a00:1", "0:0:0:0:0:ffff:10.0.0.1/128", "::fffe:10.0.0.1",
	"::10.0.0.1", "::10.0.0.1/96", "1::10.0.0.1", "1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:7:10.0.0.1", "1:2:3:4:5:10.0.0.1",
	"::1.2.3.4:5", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4", "::1.2.3.256", "64:ff9b::10.0.0.1/96", "1:2:3:4:5:6::1.2.3.4",
	"fe80::1%eth0", "fe80::1%", "fe80::1%eth0/64", "fe80::%1/10", "10.0.0.1%eth0", "%eth0", "::%a:b", "::ffff:1.2.3.4%a",
	"fd00::/8", "fd00::1/8", "FD00::/8", "fD00:0:0:0:0:0:0:0/8", "fd00:0000::/16", "fd00:00000::/16", "fd00:10:0:0:1::/80",
	"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
	"1::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3", "1:::2", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::1:", ":1::", "1::g",
	"1:0:0:2:0:0:0:3", "1:0:0:0:2:0:0:3", "0:1:0:0:1:0:0:0", "1:0:2:3:4:5:6:7", "[::1]", "[::1]/128", "::1]", "::/", "::/0 ",
	"12345::", "::12345", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "8000::/1", "::8000:0:0:0/65",
	strings.Repeat("1", 4096), strings.Repeat("1:", 4096), strings.Repeat("1.", 4096), "10.0.0.0/" + strings.Repeat("0", 4096) + "8",
	strings.Repeat("0", 4096) + "10.0.0.0/8", "::" + strings.Repeat("0", 4096), strings.Repeat(" ", 4096), strings.Repeat("::", 999),
}

const alphabet = "0123456789abcdefABCDEF:::...///% \t\n-+xgG[]\x00\x7f\x80\xc3\xff"

// texts makes the same texts for the same seed.
type texts struct {
	*rand.Rand
	made int
}

func (t *texts) next() string {
	t.made++
	if t.made <= len(corpus) {
		return corpus[t.made-1]
	}
	var s string
	switch t.Intn(8) {
	case 0, 1:
		s = t.v4() + t.length(32)
	case 2, 3, 4:
		s = t.v6() + t.length(128)
	case 5:
		return t.mutated(corpus[t.Intn(len(corpus))])
	case 6:
		s = t.v4()
	case 7:
		s = t.v6()
	}
	if t.Intn(4) == 0 {
		s = t.mutated(s)
	}
	return s
}

// bits are dense, sparse or at an end, so that host bits are often clear and groups often zero.
func (t *texts) bits() uint64 {
	switch t.Intn(4) {
	case 0:
		return 0
	case 1:
		return t.Uint64() << t.Intn(64)
	case 2:
		return ^uint64(0) << t.Intn(65)
	}
	return t.Uint64() & t.Uint64()
}

func (t *texts) v4() string {
	v := uint32(t.bits() >> 32)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
}

func (t *texts) v6() string {
	var groups []string
	high, low := t.bits(), t.bits()
	for i := 0; i < 8; i++ {
		group := uint16(high >> 48)
		if i >= 4 {
			group = uint16(low >> 48)
			low <<= 16
		} else {
			high <<= 16
		}
		if t.Intn(3) == 0 {
			group = 0
		}
		groups = append(groups, fmt.Sprintf([]string{"%x", "%X", "%04x", "%x"}[t.Intn(4)], group))
	}
	if t.Intn(4) == 0 {
		groups = append(groups[:6], t.v4())
	}
	if t.Intn(16) == 0 { // v4-mapped
		copy(groups, []string{"0", "0", "0", "0", "0", "ffff"})
	}
	if t.Intn(2) == 0 { // "::" for no group, one, several, all
		from := t.Intn(len(groups) + 1)
		to := from + t.Intn(len(groups)+1-from)
		return strings.Join(groups[:from], ":") + "::" + strings.Join(groups[to:], ":")
	}
	return strings.Join(groups, ":")
}

func (t *texts) length(most int) string {
	switch t.Intn(16) {
	case 0:
		return fmt.Sprintf("/0%d", t.Intn(most))
	case 1:
		return fmt.Sprintf("/%d", t.Intn(1100)-20)
	}
	return fmt.Sprintf("/%d", t.Intn(most+1))
}

func (t *texts) mutated(s string) string {
	b := []byte(s)
	for n := 1 + t.Intn(3); n > 0; n-- {
		at := t.Intn(len(b) + 1)
		c := alphabet[t.Intn(len(alphabet))]
		switch {
		case t.Intn(3) == 0 || at == len(b):
			b = append(b[:at], append([]byte{c}, b[at:]...)...)
		case t.Intn(2) == 0:
			b = append(b[:at], b[at+1:]...)
		default:
			b[at] = c
		}
	}
	return string(b)
}

// verdict is netip's, in the driver's words. The two documented differences (src/base/addr.h) are made here and
// nowhere else: no zones, no v4-mapped IPv6.
type verdict struct {
	before netip.Prefix // the last that was one
	counts struct{ addresses, ranges, hostBits, zones, mapped, overlaps int }
}

func (v *verdict) of(text string) string {
	address, prefix, overlap := "-", "-", "-"
	if a, err := netip.ParseAddr(text); err == nil {
		switch {
		case a.Is4In6():
			v.counts.mapped++
		case a.Zone() != "":
			v.counts.zones++
		default:
			v.counts.addresses++
			address = a.String()
		}
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		if p.Addr().Is4In6() {
			v.counts.mapped++
		} else {
			v.counts.ranges++
			prefix = p.String()
			if p != p.Masked() {
				v.counts.hostBits++
				prefix += " " + p.Masked().String()
			}
			overlap = "apart"
			if v.before.IsValid() && v.before.Overlaps(p) {
				v.counts.overlaps++
				overlap = "overlap"
			}
			v.before = p
		}
	}
	return address + " " + prefix + " " + overlap
}

// compareAddresses gives COUNT texts to DRIVER, each as its length (4 bytes, big-endian) and its bytes. It answers
// each with a line: the address, "-" if it is none; the range, and where host bits are set behind it the one
// without, "-" if it is none; and whether it overlaps the range before it, apart or overlap.
func compareAddresses(count int, driver []string) (wrong bool, err error) {
	command := exec.Command(driver[0], driver[1:]...)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return false, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := command.Start(); err != nil {
		return false, err
	}
	const seed = 1
	sent := make(chan error, 1)
	go func() {
		w := bufio.NewWriterSize(input, 1<<16)
		t := texts{Rand: rand.New(rand.NewSource(seed))}
		for i := 0; i < count; i++ {
			s := t.next()
			binary.Write(w, binary.BigEndian, uint32(len(s)))
			w.WriteString(s)
		}
		err := w.Flush()
		input.Close()
		sent <- err
	}()
	t := texts{Rand: rand.New(rand.NewSource(seed))}
	var v verdict
	lines := bufio.NewReader(output)
	differ := 0
	for i := 0; i < count; i++ {
		text := t.next()
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return false, fmt.Errorf("the driver ended at text %d, %q: %v", i, text, err)
		}
		want, got := v.of(text), string(bytes.TrimSuffix(line, []byte("\n")))
		if want == got {
			continue
		}
		if differ++; differ <= 20 {
			fmt.Printf("%q: netip says %q, the driver %q\n", text, want, got)
		}
	}
	if rest, _ := io.ReadAll(lines); len(rest) > 0 {
		return false, fmt.Errorf("the driver says more than it was asked")
	}
	if err := <-sent; err != nil {
		return false, err
	}
	if err := command.Wait(); err != nil {
		return false, fmt.Errorf("the driver: %v", err)
	}
	fmt.Printf("%d texts, %d differ; addresses %d, ranges %d, with host bits %d, overlaps %d, zones %d, v4-mapped %d\n", count,
		differ, v.counts.addresses, v.counts.ranges, v.counts.hostBits, v.counts.overlaps, v.counts.zones, v.counts.mapped)
	return differ > 0, nil
}

// The peer: Centrifuge, one channel, everybody subscribed by the server.
// It speaks the same lines of JSON as the other peers: its port first, then an answer a job.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"
)

const channel, mark, around = "bench", "@bench@", `{"push":{"channel":"bench","pub":{"data":""}}}`

func main() {
	node, err := centrifuge.New(centrifuge.Config{})
	check(err)
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:    &centrifuge.Credentials{UserID: "listener"},
			Subscriptions:  map[string]centrifuge.SubscribeOptions{channel: {}},
			PingPongConfig: &centrifuge.PingPongConfig{PingInterval: time.Hour},
		}, nil
	})
	check(node.Run())
	http.Handle("/ws", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{}))
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() { check(http.Serve(listening, nil)) }()
	fmt.Printf("{\"port\": %d}\n", listening.Addr().(*net.TCPAddr).Port)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var job struct{ Count, Size int }
		check(json.Unmarshal(lines.Bytes(), &job))
		data := []byte(`"` + mark + strings.Repeat("x", job.Size-len(around)-len(mark)) + `"`)
		for range job.Count {
			_, err := node.Publish(channel, data)
			check(err)
		}
		fmt.Println("{}")
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

"""One libtorrent peer on loopback: TORRENT FOLDER seed|fetch ADDRESS. Ends when its stdin does.

Prints a line for each: `seeding`, `finished`, `tracker: <message>`, `peers: <count>`.
"""
import sys
import threading

import libtorrent as lt

torrent, folder, part, address = sys.argv[1:5]
host = f"[{address}]" if ":" in address else address
session = lt.session({
    "listen_interfaces": f"{host}:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "alert_mask": lt.alert.category_t.all_categories,
})
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(torrent)
parameters.save_path = folder
if part == "seed":
    parameters.flags |= lt.torrent_flags.seed_mode
session.add_torrent(parameters)

ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
while not ended.is_set():
    session.wait_for_alert(200)
    for alert in session.pop_alerts():
        if isinstance(alert, lt.torrent_finished_alert):
            print("seeding" if part == "seed" else "finished", flush=True)
        elif isinstance(alert, lt.tracker_error_alert):
            print("tracker:", alert.message(), flush=True)
        elif isinstance(alert, lt.tracker_reply_alert):
            print("peers:", alert.num_peers, flush=True)
session.pause()
session.wait_for_alert(1000)

"""libtorrent as a client: downloads a torrent, then seeds it until it is ended.

Arguments: torrent file, folder, address, port. Prints `complete` once.
"""

import sys
import time

import libtorrent

torrent_file, folder, address, port = sys.argv[1:5]

session = libtorrent.session(
    {
        "listen_interfaces": f"{address}:{port}",
        "outgoing_interfaces": address,
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "alert_mask": libtorrent.alert.category_t.error_notification,
    }
)
info = libtorrent.torrent_info(torrent_file)
handle = session.add_torrent({"ti": info, "save_path": folder})

announced = False
while True:
    for alert in session.pop_alerts():
        print(alert.message(), file=sys.stderr, flush=True)
    if not announced and handle.status().is_seeding:
        announced = True
        print("complete", flush=True)
    time.sleep(0.1)

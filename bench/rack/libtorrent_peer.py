"""libtorrent, tuned for a LAN whose peers all want the same tree.

usage: libtorrent_peer.py seed|fetch OWN-ADDRESS TORRENT FOLDER

A seed prints `ready` when it serves. A fetching peer prints `ready`, waits for a line on stdin,
fetches, prints `done` when it has everything, and seeds until it is ended.
"""

import signal
import sys

import libtorrent as lt

SETTINGS = {
    # Everybody is unchoked, nothing is limited, nothing is encrypted.
    "choking_algorithm": int(lt.choking_algorithm_t.fixed_slots_choker),
    "unchoke_slots_limit": -1,
    "rate_limit_ip_overhead": False,
    "mixed_mode_algorithm": int(lt.bandwidth_mixed_algo_t.prefer_tcp),
    "in_enc_policy": int(lt.enc_policy.pe_disabled),
    "out_enc_policy": int(lt.enc_policy.pe_disabled),
    # TCP only: uTP gives way to others.
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    # Connections are made at once, and kept.
    "connections_limit": 1000,
    "connection_speed": 500,
    "torrent_connect_boost": 255,
    "min_reconnect_time": 1,
    "peer_connect_timeout": 5,
    "allow_multiple_connections_per_ip": True,
    "close_redundant_connections": False,
    # Few requests in flight: what is chosen late is chosen well. Of 8, 16 and 500, 16 was best.
    "max_out_request_queue": 16,
    "max_allowed_in_request_queue": 2000,
    "request_queue_time": 1,
    "whole_pieces_threshold": 1,
    "piece_timeout": 5,
    "request_timeout": 5,
    "send_buffer_watermark": 512 * 1024,
    "announce_to_all_trackers": True,
    "announce_to_all_tiers": True,
    "active_downloads": -1,
    "active_seeds": -1,
    "active_limit": -1,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "aio_threads": 1,
    "hashing_threads": 1,
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
}


def main(role, address, torrent_path, folder):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    session = lt.session({**SETTINGS, "listen_interfaces": f"{address}:6881"})
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent_path)
    params.save_path = folder
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    if role == "seed":
        params.flags |= lt.torrent_flags.seed_mode
    else:
        say("ready")
        sys.stdin.readline()
    handle = session.add_torrent(params)
    wait_for_all_pieces(session, handle)
    say("ready" if role == "seed" else "done")
    while True:
        session.wait_for_alert(1000)
        session.pop_alerts()


def wait_for_all_pieces(session, handle):
    while not handle.status().is_seeding:
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            if alert.category() & lt.alert.category_t.error_notification:
                print(alert.message(), file=sys.stderr, flush=True)


def say(word):
    print(word, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

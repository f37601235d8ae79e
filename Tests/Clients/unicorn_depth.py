"""unicorn-binance-local-depth-cache: a local book through a crash, against the venue's own."""

import time

from common import BASE, SOCKET, SYMBOL, opposed, position, run, trade_and_crash
from unicorn_binance_local_depth_cache import BinanceLocalDepthCacheManager
from unicorn_binance_rest_api import BinanceRestApiManager

# What it asks of the spot interface when it starts is not here.
BinanceRestApiManager.ping = lambda self, *rest, **named: {}
BinanceRestApiManager.get_server_time = lambda self, *rest, **named: {"serverTime": int(time.time() * 1_000)}
BinanceRestApiManager.get_used_weight = lambda self, *rest, **named: {
    "weight": 1,
    "status_code": 200,
    "timestamp": time.time(),
}


def main(s):
    rest = BinanceRestApiManager(exchange="binance.com-futures", warn_on_update=False, disable_colorama=True)
    rest.FUTURES_URL = BASE + "/fapi"
    cache = BinanceLocalDepthCacheManager(
        exchange="binance.com-futures",
        ubra_manager=rest,
        warn_on_update=False,
        init_interval=0.5,
        init_time_window=1,
        disable_colorama=True,
    )
    cache.ubwa.websocket_base_uri = SOCKET + "/"
    cache.create_depth_cache(markets=[SYMBOL])

    def synchronized():
        try:
            return cache.is_depth_cache_synchronized(SYMBOL)
        except Exception:
            return False

    s.eventually("synchronized", synchronized, bool)
    keys = opposed()
    s.call("a crash", lambda: trade_and_crash(*keys))
    s.call("nobody of them is left", lambda: position(keys[0]), lambda r: r == 0)
    s.eventually("still synchronized", synchronized, bool)
    for _ in range(5):
        bids, asks = cache.get_bids(SYMBOL, limit_count=5), cache.get_asks(SYMBOL, limit_count=5)
        s.call("not crossed", lambda: (bids, asks), lambda r: not r[0] or not r[1] or r[0][0][0] < r[1][0][0])
        time.sleep(0.5)
    gaps = [text for text in s.warnings if "gap" in text.lower()]
    s.call("no gaps", lambda: gaps, lambda r: r == [])
    cache.stop_manager()


run("unicorn", main)

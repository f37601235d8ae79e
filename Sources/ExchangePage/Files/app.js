// The frame: which view, which market, the strip above, the connection, and how often anything is painted.

import { live, operator, venueNow } from './live.js'
import { facts, h, money, percent, show, signClass, span, units } from './lib.js'
import { address, decimals, marketEntry, state } from './state.js'
import { openCrash } from './dialogs.js'
import { trade } from './view-trade.js'
import { waterfall } from './view-waterfall.js'
import { queue } from './view-queue.js'
import { reserves } from './view-reserves.js'
import { prices } from './view-prices.js'
import { proof } from './view-proof.js'
import { operations } from './view-operations.js'

const views = [
  ['trade', 'Trade', trade],
  ['waterfall', 'Waterfall', waterfall],
  ['queue', 'Queue', queue],
  ['reserves', 'Fund & vault', reserves],
  ['prices', 'Prices & rules', prices],
  ['proof', 'Proof', proof],
  ['operations', 'Operations', operations],
]
const $ = (id) => document.getElementById(id)

function readAddress() {
  const match = /^#\/([a-z]+)(?:\/([^?]*))?(?:\?market=(\w+))?$/.exec(location.hash)
  return { view: match?.[1] ?? 'trade', argument: match?.[2] ?? null, market: match?.[3] ?? null }
}

function takeToken() {
  const match = /^#token=([A-Za-z0-9_-]+)$/.exec(location.hash)
  if (!match) return
  operator.token = match[1]
  history.replaceState(null, '', '/')
}

// Views.

let current = null

function navigate() {
  const wanted = readAddress()
  if (wanted.market && wanted.market !== state.market) chooseMarket(wanted.market)
  const found = views.find(([name]) => name === wanted.view) ?? views[0]
  state.argument = wanted.argument
  if (state.view !== found[0]) {
    current?.close?.()
    state.view = found[0]
    current = found[2]()
    $('view').replaceChildren(current.element)
    document.title = `${found[1]} · Zerosum`
  }
  for (const link of $('tabs').children) {
    if (link.dataset.view === state.view) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
    link.href = address(link.dataset.view)
  }
  current.open?.()
  paintSoon()
}

function chooseMarket(symbol) {
  state.market = symbol
  $('market').value = symbol
  live.ask('ticker', '/fapi/v1/ticker/24hr', { parameters: { symbol }, every: 500 })
  live.ask('premium', '/fapi/v1/premiumIndex', { parameters: { symbol }, every: 500 })
  current?.marketChanged?.()
}

// Painting: at most four times a second, and only when something came.

let isPending = false
let paintedAt = 0

/** Paints soon. */
function paintSoon() {
  if (isPending) return
  isPending = true
  const wait = Math.max(0, 250 - (performance.now() - paintedAt))
  setTimeout(() => requestAnimationFrame(paint), wait)
}

function paint() {
  isPending = false
  paintedAt = performance.now()
  paintMarkets()
  paintStrip()
  paintLink()
  try {
    current?.paint()
  } catch (error) {
    console.error(error)
  }
}

function paintMarkets() {
  const markets = live.data('markets')?.markets
  if (!markets) return
  const names = markets.map((it) => it.symbol)
  const select = $('market')
  if (select.dataset.names !== names.join()) {
    select.dataset.names = names.join()
    select.replaceChildren(...names.map((name) => h('option', { value: name }, name)))
    if (!names.includes(state.market)) chooseMarket(names[0])
    select.value = state.market
  }
}

const words = { open: 'open', reduceOnly: 'reduce-only', halted: 'halted', settled: 'settled' }

/** What is not known, and for how long it has not been. */
const unknown = (name) => `— ${span(live.unknownFor(name))}`

function paintStrip() {
  const entry = marketEntry()
  const ticker = live.data('ticker')
  const premium = live.data('premium')
  const fund = live.data('fund')
  const vault = live.data('vault')
  const price = decimals().price
  const apart = entry && units(entry.mark) !== null && units(entry.index)
    ? ((units(entry.mark) - units(entry.index)) * 100_000_000n) / units(entry.index) : null
  const change = ticker ? units(ticker.priceChangePercent) : null
  const until = premium?.nextFundingTime ? Math.max(0, premium.nextFundingTime - venueNow()) * 1000 : null
  const cells = [
    ['Mark', entry ? show(entry.mark, price) : unknown('markets'), 'the price that margin and liquidation go by'],
    ['Index', entry ? show(entry.index, price) : unknown('markets'), 'the median of the sources'],
    ['Mark − index', apart === null ? '—' : percent(apart === 0n ? '0' : String(Number(apart) / 1e8), 3)],
    ['24 h', h('span', { class: signClass(change) }, change === null ? unknown('ticker')
      : (change > 0n ? '▲ +' : change < 0n ? '▼ ' : '') + show(change, 2) + '\u202f%')],
    ['Funding', premium ? `${percent(premium.lastFundingRate, 4)} in ${span(until)}` : unknown('premium')],
    ['Open interest', entry ? show(entry.openInterest, decimals().quantity) : unknown('markets')],
    ['Market', entry ? `${words[entry.state] ?? entry.state}, price ${entry.validity}` : '—'],
    ['Insurance fund', !fund ? unknown('fund') : units(fund.debt) > 0n ? h('span', {}, 'owes ', money(fund.debt)) : money(fund.balance), 'what it has now, or owes'],
    ['Vault', !vault ? unknown('vault') : vault.exists ? money(vault.equity) : 'none', 'equity of the backstop vault'],
  ]
  $('strip').replaceChildren(...facts(cells).children)
}

function paintLink() {
  const silence = live.silence
  const isLate = silence > 3000
  const status = live.data('status')
  const element = $('link')
  element.className = 'link ' + (live.state === 'live' && !isLate ? 'good' : 'bad')
  const lag = status?.requests.p99
  element.textContent = live.state === 'live'
    ? `${isLate ? 'silent' : 'live'} · ${span(Math.round(silence) * 1000)} old${lag ? ` · p99 ${span(lag)}` : ''} · № ${live.sequence ?? '—'}`
    : live.state === 'lost' ? 'connection lost, trying again' : 'connecting'
  const banner = $('banner')
  const entry = marketEntry()
  const trouble = live.state === 'lost' ? 'The venue does not answer. What you see is old; orders at the venue stay as they are.'
    : isLate ? `Nothing was heard for ${span(Math.round(silence) * 1000)}. What you see is old.`
      : live.waiting > 256 ? 'The venue is busy: orders are taken first, this page later.'
        : entry && entry.validity !== 'valid'
          ? `The price of ${entry.symbol} is ${entry.validity}: nobody is liquidated on it, and positions count at the worse of the last valid mark and the latest.` : ''
  banner.hidden = !trouble
  if (banner.textContent !== trouble) banner.textContent = trouble
}

// Beginning.

function begin() {
  takeToken()
  $('tabs').replaceChildren(...views.map(([name, title]) =>
    h('a', { href: `#/${name}`, 'data-view': name }, title)))
  $('market').addEventListener('change', (event) => {
    chooseMarket(event.target.value)
    history.replaceState(null, '', address(state.view, state.argument))
    navigate()
  })
  $('theme').addEventListener('click', () => {
    const root = document.documentElement
    const isDark = (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')) === 'dark'
    root.dataset.theme = isDark ? 'light' : 'dark'
    localStorage.setItem('zerosum.theme', root.dataset.theme)
    dispatchEvent(new Event('themechange'))
  })
  $('crash').addEventListener('click', openCrash)
  if (!window.LightweightCharts) $('notice').textContent = 'The chart library is not installed; candles are left out.'
  else {
    $('notice').replaceChildren('Charts: ', h('a', { href: 'https://www.tradingview.com/', rel: 'noopener' },
      'TradingView Lightweight Charts™'), ', Apache License 2.0, © TradingView, Inc.')
  }
  live.ask('markets', '/zerosum/v1/markets')
  live.ask('status', '/zerosum/v1/status', { every: 500 })
  live.ask('fund', '/zerosum/v1/fund', { parameters: { limit: 200 }, every: 500 })
  live.ask('vault', '/zerosum/v1/vault', { every: 500 })
  live.onChange((name) => {
    if (name === 'status') {
      state.isPlayground = live.data('status')?.playground === true
      $('crash').hidden = !state.isPlayground
    }
    paintSoon()
  })
  addEventListener('hashchange', navigate)
  setInterval(paintSoon, 1000)
  live.connect()
  navigate()
}

document.documentElement.dataset.theme = localStorage.getItem('zerosum.theme')
  ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
begin()

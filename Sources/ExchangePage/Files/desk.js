// What you have and what you do: the order ticket, positions with their lights, orders, and what was done to you.

import { account, live, trade } from './live.js'
import { clock, fill, float, h, lights, moment, money, panel, show, table, toast, units } from './lib.js'
import { address, decimals, marketEntry, state } from './state.js'
import { field, openAccount } from './dialogs.js'

async function attempt(what, work) {
  try {
    await work()
    toast(what)
    return true
  } catch (error) {
    toast(error.message, 'bad')
    return false
  }
}

const plain = (value) => value.replace(/^-/, '')

/** The price in whole ticks nearest to a number, as text. */
function tick(price) {
  const step = float(marketEntry()?.parameters.tickSize ?? '1')
  return (Math.round(price / step) * step).toFixed(decimals().price)
}

// The ticket.

function makeTicket() {
  const kinds = [['LIMIT', 'Limit'], ['MARKET', 'Market'], ['STOP_MARKET', 'Stop'], ['TAKE_PROFIT_MARKET', 'Take profit']]
  const kind = h('select', { id: 'f-kind', name: 'kind' }, kinds.map(([value, title]) => h('option', { value }, title)))
  const price = field('Price', { name: 'price', inputmode: 'decimal' })
  const quantity = field('Quantity', { name: 'quantity', inputmode: 'decimal', required: true })
  const target = field('Take profit at', { name: 'target', inputmode: 'decimal' })
  const stop = field('Stop loss at', { name: 'stop', inputmode: 'decimal' })
  const leverage = field('Leverage', { name: 'leverage', type: 'number', min: '1', max: '125', value: '20' })
  const mode = h('select', { id: 'f-mode', name: 'mode' }, h('option', { value: 'CROSSED' }, 'cross'), h('option', { value: 'ISOLATED' }, 'isolated'))
  const cost = h('p', { class: 'quiet', 'aria-live': 'polite' })
  const buy = h('button', { class: 'buy', value: 'BUY' }, 'Buy / long')
  const sell = h('button', { class: 'sell', value: 'SELL' }, 'Sell / short')
  const form = h('form', {},
    h('div', { class: 'field' }, h('label', { for: 'f-kind' }, 'Order'), kind),
    price, quantity,
    h('label', { class: 'check' }, h('input', { type: 'checkbox', name: 'reduceOnly' }), ' reduce only'),
    h('details', {}, h('summary', {}, 'Brackets'), target, stop),
    h('div', { class: 'buttons two' }, buy, sell), cost)
  const settings = h('form', { class: 'settings' },
    h('div', { class: 'pair' }, leverage, h('div', { class: 'field' }, h('label', { for: 'f-mode' }, 'Margin'), mode)),
    h('button', { type: 'submit' }, 'Set leverage and margin'))
  const who = h('div', { class: 'who' })
  const element = panel('Order', { class: 'ticket' }, who, form, settings)

  const values = () => Object.fromEntries(new FormData(form))
  function refresh() {
    const isConditional = kind.value === 'STOP_MARKET' || kind.value === 'TAKE_PROFIT_MARKET'
    price.hidden = kind.value === 'MARKET'
    price.querySelector('label').textContent = isConditional ? 'Trigger price' : 'Price'
    const worth = float(values().quantity) * (kind.value === 'MARKET' || isConditional ? float(marketEntry()?.mark) : float(values().price))
    cost.textContent = worth > 0 ? `worth ${show(worth.toFixed(2), 2)}, margin about ${show((worth / float(leverage.querySelector('input').value || 1)).toFixed(2), 2)}` : ''
  }
  form.addEventListener('input', refresh)
  form.addEventListener('submit', (event) => { event.preventDefault(); place(event.submitter?.value ?? 'BUY') })

  async function place(side) {
    const it = values()
    const symbol = state.market
    const isConditional = it.kind === 'STOP_MARKET' || it.kind === 'TAKE_PROFIT_MARKET'
    const reduceOnly = it.reduceOnly ? 'true' : null
    const done = await attempt(`${side === 'BUY' ? 'bought' : 'sold'}: order taken`, () => (isConditional
      ? trade('POST', '/fapi/v1/algoOrder', { algoType: 'CONDITIONAL', symbol, side, type: it.kind, quantity: it.quantity,
        triggerPrice: it.price, workingType: 'MARK_PRICE', reduceOnly })
      : trade('POST', '/fapi/v1/order', { symbol, side, type: it.kind, quantity: it.quantity, reduceOnly,
        price: it.kind === 'LIMIT' ? it.price : null, timeInForce: it.kind === 'LIMIT' ? 'GTC' : null })))
    if (!done) return
    const away = side === 'BUY' ? 'SELL' : 'BUY'
    for (const [type, at] of [['TAKE_PROFIT_MARKET', it.target], ['STOP_MARKET', it.stop]]) {
      if (!at) continue
      await attempt(`${type === 'STOP_MARKET' ? 'stop loss' : 'take profit'} is waiting`, () =>
        trade('POST', '/fapi/v1/algoOrder', { algoType: 'CONDITIONAL', symbol, side: away, type, triggerPrice: at,
          workingType: 'MARK_PRICE', closePosition: 'true' }))
    }
  }

  settings.addEventListener('submit', async (event) => {
    event.preventDefault()
    const symbol = state.market
    const it = Object.fromEntries(new FormData(settings))
    await attempt(`leverage ${it.leverage}`, () => trade('POST', '/fapi/v1/leverage', { symbol, leverage: it.leverage }))
    try {
      await trade('POST', '/fapi/v1/marginType', { symbol, marginType: it.mode })
    } catch (error) {
      if (error.code !== -4046) toast(error.message, 'bad') // -4046: it is so already.
    }
  })

  return {
    element,
    paint(person) {
      const signature = `${person?.account} ${live.at('account')}`
      form.classList.toggle('off', !person)
      for (const it of [buy, sell]) it.disabled = !person
      const input = price.querySelector('input')
      if (!input.value && marketEntry()?.mark && document.activeElement !== input) input.value = marketEntry().mark
      if (who.dataset.signature === signature) return
      who.dataset.signature = signature
      const mine = live.data('account')
      who.replaceChildren(...(person
        ? [h('p', {}, h('strong', {}, `account-${person.account}`), ' ',
          h('button', { type: 'button', class: 'plain', onclick: forget }, 'leave')),
        h('dl', { class: 'facts' },
          h('div', {}, h('dt', {}, 'Equity'), h('dd', {}, mine ? money(mine.totalMarginBalance) : '—')),
          h('div', {}, h('dt', {}, 'Available'), h('dd', {}, mine ? money(mine.availableBalance) : '—')),
          h('div', {}, h('dt', {}, 'Maintenance'), h('dd', {}, mine ? money(mine.totalMaintMargin) : '—')))]
        : [h('p', {}, 'To trade by hand you need a playground account.'),
          h('button', { type: 'button', class: 'primary', onclick: openAccount }, 'Open an account')]))
      refresh()
    },
  }
}

function forget() {
  account.set(null)
  dispatchEvent(new Event('accountchange'))
}

// Positions, orders and what happened.

function position(it, light) {
  const size = units(it.positionAmt)
  const isLong = size > 0n
  const price = decimals().price
  const reach = light?.reach
  const isInProfit = light && light.lights > 0
  const unranked = isInProfit ? null : 'not in profit, so not in the queue'
  return [it.symbol,
    h('span', { class: isLong ? 'up' : 'down' }, `${isLong ? '▲ long' : '▼ short'} ${show(plain(it.positionAmt))}`),
    show(it.entryPrice, price), show(it.markPrice, price), money(it.unRealizedProfit, { signed: true }),
    float(it.liquidationPrice) > 0 ? show(it.liquidationPrice, price) : '—',
    lights(light ? light.lights : null),
    isInProfit ? h('span', { title: `profit ${light.profit} × leverage ${light.leverage}` },
      `${show(light.profit, 0)} × ${show(light.leverage, 2)}`) : h('span', { title: unranked }, '—'),
    isInProfit ? h('span', { title: `${light.ahead} ahead, rank ${light.rank} of ${light.of}` }, show(light.aheadNotional, 0)) : '—',
    !isInProfit ? '—' : reach ? h('span', { title: `if the other side lacks ${reach.deficit} and nobody takes anything` },
      `${show(reach.price, price)} / ${show(reach.deficit, 0)}`) : h('span', { title: 'at no price up to ten times this one' }, 'out of reach'),
    h('button', { type: 'button', onclick: () => attempt('closed', () => trade('POST', '/fapi/v1/order', { symbol: it.symbol,
      side: isLong ? 'SELL' : 'BUY', type: 'MARKET', quantity: plain(it.positionAmt), positionSide: it.positionSide,
      reduceOnly: it.positionSide === 'BOTH' ? 'true' : null })) }, 'Close')]
}

function orderRow(it) {
  const isAlgo = it.algoId !== undefined
  const id = isAlgo ? it.algoId : it.orderId
  const cancel = () => attempt('cancelled', () => (isAlgo ? trade('DELETE', '/fapi/v1/algoOrder', { algoId: id })
    : trade('DELETE', '/fapi/v1/order', { symbol: it.symbol, orderId: id })))
  return [String(id), JSON.stringify(it), () => [it.symbol, h('span', { class: it.side === 'BUY' ? 'up' : 'down' }, it.side === 'BUY' ? '▲ buy' : '▼ sell'),
    (it.orderType ?? it.type).toLowerCase().replaceAll('_', ' '),
    isAlgo ? `at ${show(it.triggerPrice)}` : show(it.price),
    float(it.quantity ?? it.origQty) > 0 ? show(it.quantity ?? it.origQty) : 'the position', isAlgo ? '—' : show(it.executedQty),
    clock((it.createTime ?? it.time) * 1000), h('button', { type: 'button', onclick: cancel }, 'Cancel')]]
}

/** The ticket and the panel beneath the chart. */
export function makeDesk() {
  const ticket = makeTicket()
  const positions = table('Your positions', ['Market', 'Size', 'Entry', 'Mark', 'Profit', 'Liquidation at', 'Lights',
    'Profit × leverage', 'Ahead of you', 'Reaches you at / deficit', 'Close'])
  const orders = table('Your open orders', ['Market', 'Side', 'Type', 'Price', 'Quantity', 'Filled', 'Since', 'Cancel'])
  const history = table('What the waterfall did to you', ['When', 'Episode', 'What', 'Market', 'Closed with you', 'Deficit', 'Receipt'])
  const empty = h('p', { class: 'none' }, 'Open a playground account to see your positions, their lights and what it takes to reach you.')
  const element = panel('Yours', { class: 'yours' }, empty,
    h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Positions' }, h('h3', {}, 'Positions'), positions),
    h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Open orders' }, h('h3', {}, 'Open orders'), orders),
    h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'What happened to you' }, h('h3', {}, 'What happened to you'), history))
  const names = ['positions', 'lights', 'orders', 'algos', 'account', 'mine']

  return {
    ticket: ticket.element,
    element,
    ask() {
      const person = account.get()
      if (!person) return this.close()
      live.ask('positions', '/fapi/v3/positionRisk', { signed: true })
      live.ask('lights', '/zerosum/v1/lights', { signed: true })
      live.ask('orders', '/fapi/v1/openOrders', { signed: true })
      live.ask('algos', '/fapi/v1/openAlgoOrders', { signed: true })
      live.ask('account', '/fapi/v3/account', { signed: true })
      live.ask('mine', '/zerosum/v1/episodes', { parameters: { account: person.account, limit: 50 }, every: 500 })
    },
    close() { for (const name of names) live.drop(name) },
    paint(person) {
      ticket.paint(person)
      empty.hidden = Boolean(person)
      for (const it of element.querySelectorAll('.scroll')) it.hidden = !person
      if (!person) return
      const all = live.data('lights')?.positions ?? []
      const open = (live.data('positions') ?? []).filter((it) => units(it.positionAmt) !== 0n)
      fill(positions, open.map((it) => {
        const light = all.find((one) => one.symbol === it.symbol && one.positionSide.toUpperCase() === it.positionSide) ?? null
        return [`${it.symbol} ${it.positionSide}`, JSON.stringify([it, light]), () => position(it, light)]
      }), live.data('positions') ? 'No position.' : '—')
      fill(orders, [...(live.data('orders') ?? []), ...(live.data('algos') ?? [])].map(orderRow), 'No open order.')
      const self = `account-${person.account}`
      fill(history, (live.data('mine')?.episodes ?? []).map((it) => [it.episode, JSON.stringify(it), () => [
        h('span', { title: moment(it.at) }, clock(it.at)), String(it.episode),
        it.account === self ? h('strong', {}, `liquidated, ${it.outcome}`)
          : it.yours?.step === 'deleveraging' ? h('strong', {}, 'you were deleveraged') : it.yours?.step === 'recourse' ? 'you paid for your owner’s other account' : `you were the other side: ${it.yours?.step ?? 'charged'}`,
        it.symbol, show(it.account === self ? it.notional : it.yours?.notional, 0), show(it.deficit, 2),
        h('a', { href: address('waterfall', it.episode) }, 'read it')]]), 'Nothing so far.')
    },
  }
}

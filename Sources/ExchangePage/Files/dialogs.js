// What is asked in a window of its own: the operator's token, a new account, a crash.

import { account, live, operate, operator, Refused } from './live.js'
import { h, toast } from './lib.js'
import { state } from './state.js'

/** Opens the dialog with a form; `submit` gets its values and may refuse by throwing. */
function form(title, intro, fields, action, submit) {
  const dialog = document.getElementById('dialog')
  const problem = h('p', { class: 'problem', role: 'alert' })
  const button = h('button', { class: 'primary', type: 'submit' }, action)
  const element = h('form', { method: 'dialog' },
    h('h2', { id: 'dialog-title' }, title),
    intro ? h('p', {}, intro) : null,
    ...fields,
    problem,
    h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), button))
  element.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.disabled = true
    problem.textContent = ''
    try {
      await submit(Object.fromEntries(new FormData(element)))
      dialog.close()
    } catch (error) {
      problem.textContent = error.message
    } finally {
      button.disabled = false
    }
  })
  dialog.replaceChildren(element)
  dialog.showModal()
}

/** A labelled field; `hint` says what is expected. */
export function field(label, attributes, hint = null) {
  const id = 'f-' + attributes.name
  return h('div', { class: 'field' },
    h('label', { for: id }, label),
    h('input', { id, autocomplete: 'off', 'aria-describedby': hint ? id + '-hint' : null, ...attributes }),
    hint ? h('small', { id: id + '-hint' }, hint) : null)
}

const tokenField = () => (operator.token ? [] : [field("Operator's token", { name: 'token', required: true, type: 'password' },
  'the venue printed it when it started')])

async function withToken(values, work) {
  if (values.token) operator.token = values.token.trim()
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refused && error.status === 401) operator.token = null
    throw error
  }
}

/** Opens an account with money in it, whose key this browser keeps. */
export function openAccount() {
  form('Open a playground account',
    'It gets money to play with and a key, which stays in this browser. Any client can use the same key.',
    [...tokenField(), field('Deposit', { name: 'deposit', value: '10000', inputmode: 'decimal', required: true }, 'USDT')],
    'Open it',
    async (values) => {
      const made = await withToken(values, () =>
        operate('POST', `/zerosum/v1/accounts?deposit=${encodeURIComponent(values.deposit)}&label=page`))
      account.set(made)
      toast(`account-${made.account} is open`)
      dispatchEvent(new Event('accountchange'))
    })
}

/** Crashes the demo's prices. */
export function openCrash() {
  const markets = live.data('markets')?.markets.map((it) => it.symbol) ?? []
  form('Crash now',
    'The demo’s prices fall, its makers take their quotes away, and what happens next is the waterfall’s: book, '
    + 'the owner’s other accounts, fund, volunteers, vault, queue. Nobody steers it.',
    [...tokenField(),
      h('div', { class: 'field' }, h('label', { for: 'f-symbol' }, 'Market'),
        h('select', { id: 'f-symbol', name: 'symbol' }, h('option', { value: '' }, 'all'),
          markets.map((name) => h('option', { value: name, selected: name === state.market }, name)))),
      field('How deep', { name: 'depth', type: 'number', value: '30', min: '-900', max: '90', step: '1' }, '% of the price; below 0 it rises'),
      field('How fast', { name: 'seconds', type: 'number', value: '10', min: '1', max: '3600' }, 'seconds'),
      field('How thin', { name: 'liquidity', type: 'number', value: '5', min: '0', max: '100' }, '% of their quotes that makers leave')],
    'Crash',
    async (values) => {
      const query = new URLSearchParams({ depth: String(Number(values.depth) / 100), seconds: values.seconds, liquidity: values.liquidity })
      if (values.symbol) query.set('symbol', values.symbol)
      await withToken(values, () => operate('POST', `/zerosum/v1/crash?${query}`))
      toast('it begins', 'warn')
    })
}

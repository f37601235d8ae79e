// The venue's side: requests, signatures, and answers that come anew whenever they change.

const base = location.origin
const tokenName = 'zerosum.token'
const accountName = 'zerosum.account'

/** The operator's token, from the address's fragment (which is never sent) or from before. */
export const operator = {
  get token() { return sessionStorage.getItem(tokenName) },
  set token(value) { value ? sessionStorage.setItem(tokenName, value) : sessionStorage.removeItem(tokenName) },
}

/** The account that this browser trades with: its number, key and secret. */
export const account = {
  get: () => JSON.parse(localStorage.getItem(accountName) ?? 'null'),
  set: (value) => (value ? localStorage.setItem(accountName, JSON.stringify(value)) : localStorage.removeItem(accountName)),
}

/** What the venue refused, in its own words. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.msg ?? body?.reason ?? body?.status ?? `refused with status ${status}`)
    this.status = status
    this.code = body?.code ?? null
  }
}

async function call(method, path, headers = {}) {
  const response = await fetch(base + path, { method, headers, cache: 'no-store' })
  const body = await response.json().catch(() => null)
  if (!response.ok) throw new Refused(response.status, body)
  return body
}

/** A GET that anybody may ask. */
export const ask = (path) => call('GET', path)

/** What needs the operator's token. */
export const operate = (method, path) => call(method, path, { 'x-zerosum-token': operator.token ?? '' })

const encode = (parameters) =>
  Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')

/** A path with parameters, timestamp and signature (HMAC-SHA-256 of the query). */
export async function sign(path, parameters, who = account.get()) {
  const query = encode({ ...parameters, recvWindow: 10_000, timestamp: Date.now() + skew })
  const bytes = (text) => new TextEncoder().encode(text)
  const key = await crypto.subtle.importKey('raw', bytes(who.secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const made = await crypto.subtle.sign('HMAC', key, bytes(query))
  const hex = [...new Uint8Array(made)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${path}?${query}&signature=${hex}`
}

/** A signed request of the account. */
export async function trade(method, path, parameters = {}) {
  const who = account.get()
  if (!who) throw new Refused(401, { msg: 'open an account first' })
  return call(method, await sign(path, parameters, who), { 'x-mbx-apikey': who.apiKey })
}

// ms that the venue's clock is ahead of this one's.
let skew = 0

/** Answers that come anew whenever they change, over one WebSocket. */
class Live {
  constructor() {
    this.questions = new Map()
    this.answers = new Map()
    this.listeners = new Set()
    this.state = 'connecting'
    this.heardAt = 0
    this.sequence = null
    this.waiting = null
    this.delay = 250
  }

  /** Begins, and goes on for ever. */
  connect() {
    this.socket = new WebSocket(base.replace(/^http/, 'ws') + '/zerosum/v1/live')
    this.socket.onopen = () => {
      this.state = 'live'
      this.delay = 250
      for (const name of this.questions.keys()) this.#ask(name)
      this.#tell(null)
    }
    this.socket.onmessage = (message) => this.#heard(JSON.parse(message.data))
    this.socket.onclose = () => {
      this.state = 'lost'
      this.#tell(null)
      setTimeout(() => this.connect(), this.delay)
      this.delay = Math.min(8000, this.delay * 2)
    }
  }

  /** Asks a question under a name from now on; `signed` for the account's own. */
  ask(name, path, { parameters = {}, signed = false, every = 250 } = {}) {
    const text = JSON.stringify([path, parameters, signed ? account.get()?.account : null, every])
    if (this.questions.get(name)?.text === text) return
    this.answers.delete(name)
    this.questions.set(name, { path, parameters, signed, every, text, since: performance.now() })
    this.#ask(name)
  }

  /** Asks no more. */
  drop(name) {
    if (!this.questions.delete(name)) return
    this.answers.delete(name)
    this.#send({ method: 'UNSUBSCRIBE', id: name })
  }

  /** The last answer; null while there is none. */
  data(name) { return this.answers.get(name)?.data ?? null }

  /** When the last answer was given, µs. */
  at(name) { return this.answers.get(name)?.at ?? null }

  /** µs for which a question has been without an answer. */
  unknownFor(name) { return Math.round((performance.now() - (this.questions.get(name)?.since ?? performance.now())) * 1000) }

  /** ms since anything was heard. */
  get silence() { return this.heardAt ? performance.now() - this.heardAt : Infinity }

  onChange(listener) { this.listeners.add(listener) }

  async #ask(name) {
    const question = this.questions.get(name)
    if (!question || this.socket?.readyState !== WebSocket.OPEN) return
    const frame = { method: 'SUBSCRIBE', id: name, every: question.every }
    if (question.signed) {
      const who = account.get()
      if (!who) return
      frame.key = who.apiKey
      frame.path = await sign(question.path, question.parameters, who)
      if (this.questions.get(name) !== question) return
    } else {
      const query = encode(question.parameters)
      frame.path = question.path + (query ? '?' + query : '')
    }
    this.#send(frame)
  }

  #send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame))
  }

  #heard(frame) {
    this.heardAt = performance.now()
    if (frame.id === undefined) {
      skew = Math.round(frame.at / 1000 - Date.now())
      this.sequence = frame.sequence
      this.waiting = frame.waiting
      return this.#tell(null)
    }
    if (!this.questions.has(frame.id)) return
    if (frame.status === 200) {
      this.answers.set(frame.id, { data: frame.data, at: frame.at })
    } else {
      this.answers.set(frame.id, { data: null, at: frame.at, refusal: frame.data })
      // The venue came up anew, or the clock was set: ask again, signed anew.
      if (frame.status !== 400 && frame.status !== 404) setTimeout(() => this.#ask(frame.id), 1000)
    }
    this.#tell(frame.id)
  }

  #tell(name) { for (const listener of this.listeners) listener(name) }
}

export const live = new Live()

/** The venue's time now, ms. */
export const venueNow = () => Date.now() + skew

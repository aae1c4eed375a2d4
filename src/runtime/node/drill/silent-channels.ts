import { Channels } from '../../../vault/incidents/notices/channel.ts'
import type { Channel, Parcel } from '../../../vault/incidents/notices/channel.ts'

/** How many are written side by side, as a mail server would take them. */
const WIDTH = 10

/** What would have gone out. Neither address nor text: both may be a real person's. */
export type Withheld = Pick<Parcel, 'id' | 'notice'> & { language: string; chars: number }

/** What a drill's notices go into. */
export type Post = { readonly channels: Channels; readonly withheld: readonly Withheld[] }

/**
 * Channels that send nothing: each says yes to everything, notes that it was asked, and has no way out by which anything could
 * leave. Every channel is there, whatever the configuration has.
 */
export class SilentPost implements Post {
  readonly withheld: Withheld[] = []
  readonly channels: Channels

  constructor() {
    const silent: Channel = {
      width: WIDTH,
      send: (parcel) => {
        this.#note(parcel)
        return Promise.resolve({ result: 'sent' })
      },
      close: () => Promise.resolve(),
    }
    this.channels = new Channels({ email: silent, sms: silent, voice: silent, webhook: silent })
  }

  #note({ id, notice, message }: Parcel): void {
    this.withheld.push({ id, notice, language: message.language, chars: message.text.length })
  }
}

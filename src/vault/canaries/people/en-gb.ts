import type { Chance } from './chance.ts'
import type { MadeUp } from './people.ts'

/** From the most common on, roughly. */
const FIRST = ['David', 'Sarah', 'Paul', 'Emma', 'Andrew', 'Claire', 'Mark', 'Rebecca', 'James', 'Laura', 'Daniel', 'Rachel', 'Thomas', 'Sophie', 'Matthew', 'Hannah', 'Christopher', 'Charlotte', 'Michael', 'Lauren', 'Stephen', 'Jessica', 'Adam', 'Amy', 'Peter', 'Katie', 'Robert', 'Lucy', 'Simon', 'Helen', 'Ryan', 'Gemma'] // prettier-ignore
const LAST = ['Smith', 'Jones', 'Williams', 'Brown', 'Taylor', 'Davies', 'Wilson', 'Evans', 'Thomas', 'Johnson', 'Roberts', 'Walker', 'Wright', 'Robinson', 'Thompson', 'White', 'Hughes', 'Edwards', 'Green', 'Hall', 'Wood', 'Harris', 'Lewis', 'Martin', 'Jackson', 'Clarke', 'Clark', 'Turner', 'Hill', 'Cooper', 'Ward', 'Morris', 'Moore', 'Baker'] // prettier-ignore

/** Town, and an area and district of its postcodes. */
const TOWNS = [['London', 'SE15'], ['London', 'E17'], ['Manchester', 'M20'], ['Birmingham', 'B29'], ['Leeds', 'LS8'], ['Bristol', 'BS7'], ['Sheffield', 'S11'], ['Liverpool', 'L17'], ['Nottingham', 'NG7'], ['Leicester', 'LE2'], ['Cardiff', 'CF24'], ['Glasgow', 'G42'], ['Edinburgh', 'EH9'], ['Brighton', 'BN2'], ['Norwich', 'NR3']] as const // prettier-ignore
const STREETS = ['High Street', 'Station Road', 'Church Road', 'Park Road', 'Victoria Road', 'Green Lane', 'Manor Road', 'Kings Road', 'Queens Road', 'Mill Lane', 'London Road', 'Albert Road', 'Grange Road', 'Springfield Road', 'Richmond Road', 'York Road'] // prettier-ignore

/** The letters that end a postcode are of these: Royal Mail leaves out C I K M O V. */
const ENDS = Array.from('ABDEFGHJLNPQRSTUWXYZ')

/** Of 074 to 079, which are mobiles; not 07700 900, which is known to be for films. */
const MOBILE = ['7400', '7415', '7428', '7512', '7539', '7584', '7712', '7737', '7788', '7803', '7846', '7890', '7912', '7951', '7985'] // prettier-ignore

export function personInBritain(chance: Chance): MadeUp {
  const [city, area] = chance.of(TOWNS)
  const flat = chance.below(3) === 0 ? `Flat ${chance.between(1, 12)}, ` : ''
  return {
    locale: 'en',
    jurisdiction: 'GB',
    person: {
      name: `${chance.common(FIRST)} ${chance.common(LAST)}`,
      phone: `+44${chance.of(MOBILE)}${chance.digits(6)}`,
      address: {
        country: 'GB',
        city,
        line1: `${flat}${chance.between(1, 180)} ${chance.of(STREETS)}`,
        postcode: `${area} ${chance.between(1, 9)}${chance.of(ENDS)}${chance.of(ENDS)}`,
      },
    },
  }
}

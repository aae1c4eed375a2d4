import type { DrillWords } from './words.ts'

export const en: DrillWords = {
  nature: {
    credential_leak:
      'A DRILL, nothing has happened. Somebody got hold of a key of one of our couriers and looked at parcels with it.',
    insider:
      'A DRILL, nothing has happened. Somebody who works for one of our couriers looked at parcels without a reason.',
    lost_handheld:
      'A DRILL, nothing has happened. A courier’s handheld was lost, and parcels were looked at with it.',
    copied_store:
      'A DRILL, nothing has happened. Our database was copied, and a key by which a part of it can be read.',
  },
  items: {
    sender: 'Privacy office (drill)',
    when: 'From {from} to {to}, UTC.',
    discovered: 'A hint from outside; we looked it up in our log on the same day.',
    place: 'In the service by which parcels are delivered.',
    cause: 'An access that was not stopped in time.',
    police_delay: 'The police did not ask us to wait.',
    late_reasons: 'This notice comes late because nobody was on duty: a drill.',
    data_categories: 'Name, phone number, e-mail address and postal address, as far as a parcel has them.',
    person_categories: 'People who get parcels.',
    numbers: '{persons} persons, one record each.',
    consequences: 'Unwanted calls or mails; fraud by somebody who says that a parcel of yours is waiting.',
    secondary_damage: 'The data may be passed on to others.',
    measures: 'The access was stopped, and everybody whom it touches is told.',
    chronology: 'Noticed, looked up in the log, stopped, told: all on {date}.',
    prevention: 'Keys are kept for a shorter time, and looks at night raise an alarm.',
    response_to_persons: 'Each person is written to.',
    publication: 'Nothing was published.',
    notices_given: '{persons} persons are being told.',
    police_informed: 'The police have been told.',
    perpetrator: 'Not known.',
    identity_service: 'Help against identity theft is free for a year.',
    free_services: 'Help against identity theft is free for a year.',
    self_help: 'Do not answer calls that ask for money or a code for a parcel. Tell us if one comes.',
    remedy: 'You may complain to us or to the data protection authority where you live.',
    credit_agencies: 'The three credit reporting agencies.',
    agencies: 'The consumer advice centre where you live.',
    contact: 'Privacy office, privacy@drill.invalid',
    other: 'Nothing else.',
    notice_date: '{date}',
  },
}

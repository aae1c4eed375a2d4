import type { NoticeWords } from './words.ts'

const CAREFUL =
  'We will never ask you for a password or a code because of this notice. If someone does, do not answer.'

export const en: NoticeWords = {
  audiences: {
    persons: {
      subject: {
        established: '{sender}: your data was part of a leak',
        possible: '{sender}: your data may have been part of a leak',
      },
      greeting: 'Hello,',
      opening: {
        established:
          'Something went wrong with data about you. We are sorry. Here is what happened, what we are doing about it, and what you can do.',
        possible:
          'Something may have gone wrong with data about you. We do not know for sure yet. Here is what we know, what we are doing about it, and what you can do.',
      },
      closing: CAREFUL,
    },
    authority: {
      subject: {
        established: 'Notice of a personal data breach: {sender}',
        possible: 'Notice of a possible personal data breach: {sender}',
      },
      greeting: 'To whom it may concern,',
      opening: {
        established: 'We report a personal data breach. Basis of the contents: {instrument}.',
        possible:
          'We report a personal data breach that may have happened. Basis of the contents: {instrument}.',
      },
      closing: 'We will send what is not known yet as soon as we have it.',
    },
    partners: {
      subject: {
        established: '{sender}: a data leak that concerns your orders',
        possible: '{sender}: a possible data leak that concerns your orders',
      },
      greeting: 'Hello,',
      opening: {
        established: 'Data about customers of yours was part of a leak. Please read what you need to do.',
        possible:
          'Data about customers of yours may have been part of a leak. We do not know for sure yet. Please read what you need to do.',
      },
      closing: 'Please ask us before you pass this notice on.',
    },
    public: {
      subject: {
        established: '{sender}: public notice of a data leak',
        possible: '{sender}: public notice of a possible data leak',
      },
      greeting: 'To everyone whom this may concern,',
      opening: {
        established:
          'Something went wrong with data about people. We could not reach all of them, so we say it here. We are sorry.',
        possible:
          'Something may have gone wrong with data about people. We could not reach all of them, so we say it here.',
      },
      closing: CAREFUL,
    },
  },
  sections: {
    what_happened: 'What happened',
    what_data: 'What information was involved',
    what_it_means: 'What this could mean',
    what_we_do: 'What we are doing',
    what_you_can_do: 'What you can do',
    more: 'For more information',
  },
  labels: {
    sender: 'From',
    nature: 'What happened',
    when: 'When it happened',
    discovered: 'When and how we noticed',
    place: 'Where it happened',
    cause: 'Why it happened',
    police_delay: 'If the police asked us to wait',
    late_reasons: 'Why we write only now',
    data_categories: 'What data',
    person_categories: 'Whose data',
    numbers: 'How many people and records',
    consequences: 'What could come of it',
    secondary_damage: 'Further harm',
    measures: 'What we did and will do',
    chronology: 'Step by step',
    prevention: 'So that it does not happen again',
    response_to_persons: 'What we did for the people affected',
    publication: 'What we made public',
    notices_given: 'Whom we told',
    police_informed: 'If the police know',
    perpetrator: 'Who caused it, as far as we know',
    identity_service: 'Help if someone uses your name',
    free_services: 'Free help',
    self_help: 'What you can do',
    remedy: 'How to complain or claim',
    credit_agencies: 'Credit reporting agencies',
    agencies: 'Public agencies that help',
    contact: 'Whom to ask',
    other: 'Also good to know',
    notice_date: 'Date of this notice',
  },
  colon: ': ',
  reference: 'Reference',
}

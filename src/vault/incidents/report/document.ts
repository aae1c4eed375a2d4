import { cleanLine } from '../notices/templates/clean.ts'
import type { ReportDocument } from './blocks.ts'
import { clocksSection, formSections, noticesSection, openSection } from './duty-sections.ts'
import {
  logSection,
  measuresSection,
  scopeSection,
  summarySection,
  timelineSection,
} from './record-sections.ts'
import type { Report } from './report.ts'

/** With a form, that comes first and the record behind it. Pure. */
export function documentOf(report: Report): ReportDocument {
  const { form, incident } = report
  return {
    title: form === null ? 'Incident report' : cleanLine(form.title),
    subtitle: [form?.original, incident.id].filter(Boolean).join(' · '),
    madeAt: report.madeAt,
    sections: [
      ...(form === null ? [] : formSections(form)),
      summarySection(report),
      openSection(report),
      scopeSection(report),
      measuresSection(report),
      clocksSection(report),
      noticesSection(report),
      timelineSection(report),
      logSection(report),
    ],
  }
}

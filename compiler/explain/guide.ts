/** The guide (docs/language.md) by its headings: a section is a topic of `wsss explain`. */

export interface Topic {
  /** `a-first-method`. */
  readonly name: string;
  readonly title: string;
  /** Markdown, without the heading. */
  readonly text: string;
}

/** Stands in front of what is written from the library and the grammar. */
export const REFERENCE_HEADING = '# Reference';

/** The sections of the guide, in its order. */
export function topicsOf(guide: string): readonly Topic[] {
  const [prose] = guide.split(`\n${REFERENCE_HEADING}\n`);
  return prose
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      const title = section.slice(0, end).trim();
      return { name: title.toLowerCase().replaceAll(' ', '-'), title, text: section.slice(end + 1).trim() };
    });
}

import { type App } from './start-app.js';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (nan|[+-]?inf|[-+0-9.e]+)$/i;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/y;

/** An answer of `/metrics`, read as strictly as Prometheus reads its text format (numbers in any case). */
export class MetricsPage {
  readonly samples: Sample[] = [];
  /** Family → `counter`, `gauge`, `histogram`. */
  readonly types = new Map<string, string>();

  constructor(readonly text: string) {
    for (const line of text.split('\n')) {
      const [, family = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      if (family !== '') {
        this.types.set(family, type);
      } else if (line !== '' && !line.startsWith('# HELP ')) {
        this.samples.push(toSample(line));
      }
    }
  }

  static async of(app: App): Promise<MetricsPage> {
    return new MetricsPage((await app.get('/metrics').expect(200)).text);
  }

  /** Asks again and again until the page is as it should be. */
  static async until(app: App, isReached: (page: MetricsPage) => boolean): Promise<MetricsPage> {
    for (;;) {
      const page = await MetricsPage.of(app);
      if (isReached(page)) {
        return page;
      }
    }
  }

  /** The sum of all samples of this name that have these labels; 0 when there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels);
    return this.samples
      .filter((sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }
}

function toSample(line: string): Sample {
  const [, name, labelText = '', value] = LINE.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new Error(`This is no line of the text format: ${line}`);
  }
  return { name, labels: toLabels(labelText), value: Number(value.replace(/inf/i, 'Infinity')) };
}

function toLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '') {
      throw new Error(`These are no labels: ${text}`);
    }
    labels[name] = value;
  }
  return labels;
}

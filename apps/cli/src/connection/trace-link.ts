import { treeTraces, type TreeTrace } from '@skynet/contracts';

/** The trace that an answer named, if one did. */
export class HeardTrace {
  trace: TreeTrace | undefined;

  readonly hear = (trace: TreeTrace): void => {
    this.trace = trace;
  };

  /** Of the Jaeger of the caller, else of that of the server; undefined when neither is known, or no trace is. */
  link(jaegerUrl: string | undefined): string | undefined {
    const { trace } = this;
    if (trace === undefined || jaegerUrl === undefined) return trace?.url;
    return treeTraces.jaegerPage(jaegerUrl, trace);
  }

  /** For programs; empty when there is none. */
  forJson(jaegerUrl: string | undefined): { readonly trace?: TreeTrace } {
    return this.trace === undefined ? {} : { trace: { ...this.trace, url: this.link(jaegerUrl) } };
  }
}

/** What a machine's loader is to do next. Paths are as in `/boot/<path>`, without a leading slash. */
export type BootPlan =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'kernel';
      readonly label: string;
      readonly kernel: string;
      readonly initrds: readonly string[];
      /** The kernel's command line. */
      readonly args: string;
    }
  | {
      /** It shows the text, asks for its configuration again after a while, and does what it says. */
      readonly kind: 'wait';
      /** Any; what no loader could show as it is, is left out. */
      readonly text: string;
      /** Of the configuration. */
      readonly path: string;
    };

/** A plan of an operator's making. */
export type BootChoice = Exclude<BootPlan, { kind: 'wait' }>;

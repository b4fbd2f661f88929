// The shapes a timeline is made of, in CSS pixels, and the names of their fills.

export type Fill =
  | 'driver'
  | 'device'
  | 'driverDim'
  | 'deviceDim'
  | 'driverHatch'
  | 'deviceHatch'
  | 'exit'
  | 'band'
  | 'grid'
  | 'dim'
  | 'fg'
  | 'warn'
  | 'error';

export type Shape =
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly fill: Fill;
      readonly hollow?: boolean;
    }
  | {
      readonly kind: 'line';
      readonly x1: number;
      readonly y1: number;
      readonly x2: number;
      readonly y2: number;
      readonly fill: Fill;
      readonly dash?: boolean;
    }
  /** centred on x and y; `down`: triangle of the driver's, `diamond`: of the device's */
  | {
      readonly kind: 'mark';
      readonly x: number;
      readonly y: number;
      readonly shape: 'down' | 'diamond' | 'up' | 'cross' | 'square';
      readonly fill: Fill;
      readonly hollow?: boolean;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly align: 'left' | 'right' | 'center';
      readonly fill: Fill;
    };

/** Something that can be pointed at. */
export interface Target {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
  /** may be made where it is read: of thousands, one is pointed at */
  readonly text: string;
  readonly fromNs: number;
  /** a mark: where to go */
  readonly tick?: number;
  /** number of its event in the log */
  readonly seq?: number;
}

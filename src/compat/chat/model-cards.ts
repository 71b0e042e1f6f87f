import { type Payload } from '../../core/engine/engine.js';

/** A model as it can be named: plain, or a variant of it that thinks with one effort. */
export interface ModelCard {
  id: string;
  /** The engine's name for it. */
  model: string;
  effort: string | null;
  ownedBy: string;
  takesImages: boolean;
  /** Those that it can be asked for; empty when the catalogue does not know the model. */
  efforts: readonly string[];
}

export interface ModelChoice {
  /** `undefined`: whatever the engine takes by itself. */
  model: string | undefined;
  effort: string | null;
}

const DEFAULT_PROVIDER = 'openai';

/** The configured model first (also one that the catalogue does not know), the others in the catalogue's order. */
export function toModelCards(models: readonly Payload[], config: Payload): ModelCard[] {
  const ownedBy = toText(config.model_provider) ?? DEFAULT_PROVIDER;
  const plain = models.map((model) => toCard(model, ownedBy));
  const configured = toText(config.model);
  const first =
    plain.find(({ id }) => id === configured) ?? (configured ? toUnknownCard(configured, ownedBy) : undefined);
  const ordered = first ? [first, ...plain.filter((card) => card !== first)] : plain;
  return ordered.flatMap((card) => [card, ...toVariants(card)]);
}

function toCard(model: Payload, ownedBy: string): ModelCard {
  const id = String(model.model);
  const efforts = (model.supported_reasoning_efforts as Payload[]).map((option) => String(option.reasoning_effort));
  const takesImages = (model.input_modalities as string[]).includes('image');
  return { id, model: id, effort: null, ownedBy, takesImages, efforts };
}

/** The engine takes images for a model that it does not know. */
function toUnknownCard(id: string, ownedBy: string): ModelCard {
  return { id, model: id, effort: null, ownedBy, takesImages: true, efforts: [] };
}

function toVariants(card: ModelCard): ModelCard[] {
  return card.efforts.map((effort) => ({ ...card, id: `${card.id}-${effort}`, effort }));
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

package dev.orchestrator.examples.desk;

import dev.orchestrator.Event;

/** The weather office has computed all forecasts anew. */
record ForecastsRenewed() implements Event {}
